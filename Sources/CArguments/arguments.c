// Passes the arguments of this process to Swift.
//
// By default Swift's CommandLine reads /proc/self/cmdline. In a root without /proc (a plain chroot, an image being
// built) it gets no arguments at all: `diff` and `--version` would look like a bare `zonebridge`. glibc passes the real
// arguments to each constructor of a program.

// Swift's runtime, stdlib/public/CommandLineSupport.
extern void _swift_stdlib_overrideUnsafeArgvArgc(char **argv, int argc);

__attribute__((constructor)) static void hand_over(int argc, char **argv) {
  _swift_stdlib_overrideUnsafeArgvArgc(argv, argc);
}
