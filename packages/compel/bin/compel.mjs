#!/usr/bin/env node
// The `compel` command.
import { main } from '../dist/cli/main.js';

process.exitCode = await main();
