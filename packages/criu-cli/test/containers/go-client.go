// Asks criu by go-criu for all that the library has: BINARY FOLDER PID. Built by go-client.mjs.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/checkpoint-restore/go-criu"
	"github.com/checkpoint-restore/go-criu/rpc"
	"github.com/checkpoint-restore/go-criu/stats"
	"google.golang.org/protobuf/proto"
)

// Counts the stages it is told of; the one named by refused ends the operation.
type stages struct {
	criu.NoNotify
	told     map[string]int
	restored int32
	refused  string
}

func (s *stages) tell(stage string) error {
	s.told[stage]++
	if stage == s.refused {
		return errors.New("refused by the client")
	}
	return nil
}

func (s *stages) PreDump() error       { return s.tell("pre-dump") }
func (s *stages) PostDump() error      { return s.tell("post-dump") }
func (s *stages) PreRestore() error    { return s.tell("pre-restore") }
func (s *stages) NetworkLock() error   { return s.tell("network-lock") }
func (s *stages) NetworkUnlock() error { return s.tell("network-unlock") }
func (s *stages) PostResume() error    { return s.tell("post-resume") }
func (s *stages) PostRestore(pid int32) error {
	s.restored = pid
	return s.tell("post-restore")
}

func check(what string, err error) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect(what string, holds bool) {
	if !holds {
		check(what, errors.New("does not hold"))
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

type client struct {
	*criu.Criu
	binary, home string
	pid          int
}

// Options for images in a folder, which the caller has to keep open during the request.
func (c *client) images(name string) (*os.File, *rpc.CriuOpts) {
	path := filepath.Join(c.home, name)
	check(name, os.MkdirAll(path, 0o755))
	folder, err := os.Open(path)
	check(name, err)
	return folder, &rpc.CriuOpts{
		ImagesDirFd: proto.Int32(int32(folder.Fd())),
		LogLevel:    proto.Int32(4),
		LogFile:     proto.String(name + ".log"),
	}
}

func (c *client) ofTask(name string) (*os.File, *rpc.CriuOpts) {
	folder, opts := c.images(name)
	opts.Pid = proto.Int32(int32(c.pid))
	return folder, opts
}

func newStages() *stages { return &stages{told: map[string]int{}} }

func (c *client) questions() {
	version, err := c.GetCriuVersion()
	check("version", err)
	// A CRIU that was built from its repository counts as the next minor version.
	expect("version 4.2", version >= 40200)
	enough, err := c.IsCriuAtLeast(31500)
	check("at least", err)
	expect("at least 3.15", enough)
	enough, err = c.IsCriuAtLeast(990000)
	check("at least", err)
	expect("not at least 99", !enough)
	_, err = c.FeatureCheck(&rpc.CriuFeatures{MemTrack: proto.Bool(true), LazyPages: proto.Bool(true)})
	check("features", err)
}

// A pre-dump, and a dump that builds on it and leaves the task running.
func (c *client) rounds() {
	folder, opts := c.ofTask("first")
	opts.TrackMem = proto.Bool(true)
	told := newStages()
	check("pre-dump", c.PreDump(opts, told))
	folder.Close()
	expect("it runs after a pre-dump", alive(c.pid))
	folder, opts = c.ofTask("second")
	opts.TrackMem = proto.Bool(true)
	opts.ParentImg = proto.String("../first")
	opts.LeaveRunning = proto.Bool(true)
	told = newStages()
	check("dump", c.Dump(opts, told))
	expect("pre-dump was told", told.told["pre-dump"] == 1)
	expect("post-dump was told", told.told["post-dump"] == 1)
	dumped, err := stats.CriuGetDumpStats(folder)
	check("statistics", err)
	expect("pages are left to the parent", dumped.GetPagesSkippedParent() > 0)
	folder.Close()
}

// A failure of the client ends the dump, and not the task.
func (c *client) refusal() {
	folder, opts := c.ofTask("refused")
	defer folder.Close()
	told := newStages()
	told.refused = "post-dump"
	expect("a refused dump fails", c.Dump(opts, told) != nil)
	expect("it runs after a refused dump", alive(c.pid))
	opts.Pid = proto.Int32(1 << 22)
	err := c.Dump(opts, nil)
	expect("a dump of nobody fails", err != nil)
	fmt.Println("said:", err)
}

// The pages go to a page server, which go-criu starts; the rest of the images is beside them.
func (c *client) server() {
	folder, opts := c.images("served")
	opts.LogFile = proto.String("server.log")
	opts.Ps = &rpc.CriuPageServerInfo{Address: proto.String("127.0.0.1"), Port: proto.Int32(0)}
	pid, port, err := c.StartPageServerChld(opts)
	check("page server", err)
	expect("a page server with a port", pid > 0 && port > 0)
	same, opts := c.ofTask("served")
	defer same.Close()
	opts.Ps = &rpc.CriuPageServerInfo{Address: proto.String("127.0.0.1"), Port: proto.Int32(int32(port))}
	opts.LeaveRunning = proto.Bool(true)
	check("dump to the page server", c.Dump(opts, nil))
	for tries := 0; alive(pid) && tries < 500; tries++ {
		time.Sleep(10 * time.Millisecond)
	}
	expect("the page server ends", !alive(pid))
	pages, err := filepath.Glob(filepath.Join(folder.Name(), "pages-*.img"))
	check("pages", err)
	expect("pages beside the images", len(pages) > 0)
	folder.Close()
}

func (c *client) thereAndBack() {
	folder, opts := c.ofTask("full")
	defer folder.Close()
	check("dump", c.Dump(opts, newStages()))
	for tries := 0; alive(c.pid) && tries < 500; tries++ {
		time.Sleep(10 * time.Millisecond)
	}
	expect("it ended with the dump", !alive(c.pid))
	opts.Pid = nil
	told := newStages()
	check("restore", c.Restore(opts, told))
	for _, stage := range []string{"pre-restore", "post-restore", "post-resume"} {
		expect(stage+" was told", told.told[stage] == 1)
	}
	expect("the pid", int(told.restored) == c.pid && alive(c.pid))
	restored, err := stats.CriuGetRestoreStats(folder)
	check("statistics", err)
	expect("pages were restored", restored.GetPagesRestored() > 0)
}

func main() {
	c := &client{Criu: criu.MakeCriu(), binary: os.Args[1], home: os.Args[2]}
	_, err := fmt.Sscan(os.Args[3], &c.pid)
	check("pid", err)
	c.SetCriuPath(c.binary)
	c.questions()
	c.rounds()
	c.refusal()
	c.server()
	c.thereAndBack()
	fmt.Println("restored", c.pid)
}
