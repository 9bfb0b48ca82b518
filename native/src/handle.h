// SPDX-License-Identifier: GPL-2.0-only
// Objects of the native layer that JavaScript and threads share.
#pragma once

#include "addon.h"

#include <memory>
#include <utility>

namespace criu {

template <typename T> Napi::Value handle(Napi::Env env, std::shared_ptr<T> object)
{
	return Napi::External<std::shared_ptr<T>>::New(env, new std::shared_ptr<T>(std::move(object)),
						       [](Napi::Env, std::shared_ptr<T> *one) { delete one; });
}

template <typename T> std::shared_ptr<T> held(const Napi::Value &value)
{
	return *value.As<Napi::External<std::shared_ptr<T>>>().Data();
}

} // namespace criu
