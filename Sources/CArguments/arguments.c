// Hands Swift the arguments that this process was started with.
//
// By itself Swift's CommandLine reads /proc/self/cmdline, and in a root without /proc (a plain chroot, an image
// that is being built) it has no arguments at all: `diff` and `--version` would look like a bare `zonebridge`.
// glibc passes the real ones to each constructor of a program.

// Swift's runtime, stdlib/public/CommandLineSupport.
extern void _swift_stdlib_overrideUnsafeArgvArgc(char **argv, int argc);

__attribute__((constructor)) static void hand_over(int argc, char **argv) {
  _swift_stdlib_overrideUnsafeArgvArgc(argv, argc);
}
