// What somebody who may write to a folder can do there while another program works in it, at each of its
// system calls in turn: two names change places just before the call, and again just before a later one.
//
// usage: folder-swapper USER BEFORE FOR REPORT FOLDER VICTIM ONE OTHER PROGRAM ARGUMENT…
//   USER            the number of the user (and group) who swaps
//   BEFORE          the number of the call that it is done before, counted from 1; 0: never
//   FOR             for so many calls; 0: for good
//   REPORT          the file that gets the number of calls, how often it was done, and what was opened in VICTIM
//   FOLDER, VICTIM  the calls that count are those on paths and open files beneath these
//   ONE, OTHER      the names, as glob(7) has them; where one is not there, nothing is done
//
// The program is followed by ptrace(2), with its threads and without the programs that it starts.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder, *victim;
static uid_t user;
static long before, duration, calls, swaps, reads;
static char one[PATH_MAX], other[PATH_MAX], opened[PATH_MAX];
static const char *one_pattern, *other_pattern;
static int is_swapped;

static void fail(const char *what) {
  perror(what);
  exit(125);
}

// MARK: Which calls count

// Where the arguments of a call are that name a file: a path alone, an open file alone, or a path in an open folder.
struct arguments {
  int path[2], descriptor[2];
};

static int arguments_of(long call, struct arguments *arguments) {
  *arguments = (struct arguments){{-1, -1}, {-1, -1}};
  switch (call) {
#ifdef SYS_open
  case SYS_open:
#endif
#ifdef SYS_stat
  case SYS_stat:
  case SYS_lstat:
#endif
#ifdef SYS_unlink
  case SYS_unlink:
  case SYS_mkdir:
  case SYS_rmdir:
  case SYS_readlink:
  case SYS_access:
  case SYS_chmod:
  case SYS_chown:
  case SYS_lchown:
#endif
  case SYS_truncate:
  case SYS_getxattr:
  case SYS_lgetxattr:
  case SYS_setxattr:
  case SYS_lsetxattr:
  case SYS_listxattr:
  case SYS_llistxattr:
    arguments->path[0] = 0;
    return 1;
#ifdef SYS_rename
  case SYS_rename:
  case SYS_link:
    arguments->path[0] = 0;
    arguments->path[1] = 1;
    return 1;
#endif
  case SYS_openat:
#ifdef SYS_openat2
  case SYS_openat2:
#endif
  case SYS_newfstatat:
  case SYS_statx:
  case SYS_unlinkat:
  case SYS_mkdirat:
  case SYS_readlinkat:
  case SYS_faccessat:
#ifdef SYS_faccessat2
  case SYS_faccessat2:
#endif
  case SYS_fchownat:
  case SYS_fchmodat:
  case SYS_utimensat:
    arguments->descriptor[0] = 0;
    arguments->path[0] = 1;
    return 1;
#ifdef SYS_renameat
  case SYS_renameat:
#endif
  case SYS_renameat2:
  case SYS_linkat:
    arguments->descriptor[0] = 0;
    arguments->path[0] = 1;
    arguments->descriptor[1] = 2;
    arguments->path[1] = 3;
    return 1;
  case SYS_read:
  case SYS_pread64:
  case SYS_write:
  case SYS_pwrite64:
  case SYS_close:
  case SYS_fstat:
  case SYS_fsync:
  case SYS_fdatasync:
  case SYS_ftruncate:
  case SYS_fchown:
  case SYS_fchmod:
  case SYS_flistxattr:
  case SYS_fgetxattr:
  case SYS_fsetxattr:
  case SYS_fremovexattr:
  case SYS_getdents64:
    arguments->descriptor[0] = 0;
    return 1;
  default:
    return 0;
  }
}

static int is_beneath(const char *path, const char *root) {
  size_t length = strlen(root);
  return strncmp(path, root, length) == 0 && (path[length] == 0 || path[length] == '/');
}

static int concerns_us(const char *path) { return is_beneath(path, folder) || is_beneath(path, victim); }

static int read_descriptor(pid_t thread, int descriptor, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/%d/fd/%d", thread, descriptor);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length > 0 ? length : 0] = 0;
  return length > 0;
}

static int read_path(pid_t thread, unsigned long address, char path[PATH_MAX]) {
  // Up to the end of its page, and then the next one, which may not be there.
  size_t length = 0, page = 4096;
  while (length < PATH_MAX - 1) {
    size_t count = page - (address + length) % page;
    if (count > PATH_MAX - 1 - length) count = PATH_MAX - 1 - length;
    struct iovec here = {path + length, count}, there = {(void *)(address + length), count};
    ssize_t got = process_vm_readv(thread, &here, 1, &there, 1, 0);
    if (got <= 0) break;
    if (memchr(path + length, 0, (size_t)got)) return 1;
    length += (size_t)got;
  }
  path[length] = 0;
  return length > 0;
}

static int counts(pid_t thread, const struct __ptrace_syscall_info *info) {
  struct arguments arguments;
  char path[PATH_MAX];
  if (!arguments_of((long)info->entry.nr, &arguments)) return 0;
  for (int i = 0; i < 2; i++) {
    if (arguments.descriptor[i] >= 0 &&
        read_descriptor(thread, (int)info->entry.args[arguments.descriptor[i]], path) && concerns_us(path))
      return 1;
    if (arguments.path[i] >= 0 && read_path(thread, info->entry.args[arguments.path[i]], path) &&
        concerns_us(path))
      return 1;
  }
  return 0;
}

// MARK: What is done

static int find(const char *pattern, char path[PATH_MAX]) {
  glob_t found;
  int is_found = glob(pattern, GLOB_PERIOD | GLOB_NOSORT, NULL, &found) == 0 && found.gl_pathc > 0;
  if (is_found) snprintf(path, PATH_MAX, "%s", found.gl_pathv[0]);
  globfree(&found);
  return is_found;
}

// By the user's own rights, and no others.
static void swap(void) {
  if (setegid(user) != 0 || seteuid(user) != 0) fail("seteuid");
  int is_there = is_swapped || (find(one_pattern, one) && find(other_pattern, other));
  if (is_there && renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0) {
    is_swapped = !is_swapped;
    swaps++;
  }
  if (seteuid(0) != 0 || setegid(0) != 0) fail("seteuid");
}

static void enter(pid_t thread, const struct __ptrace_syscall_info *info) {
  if (!counts(thread, info)) return;
  calls++;
  if (calls == before) swap();
  if (duration > 0 && calls == before + duration && is_swapped) swap();
}

// Whether what was just opened can be read: a descriptor of O_PATH tells no more than that there is something.
static void leave(pid_t thread, const struct __ptrace_syscall_info *info) {
  char path[PATH_MAX], line[256], name[64];
  if (info->exit.is_error || info->exit.rval < 0 || info->exit.rval > 1 << 20) return;
  if (!read_descriptor(thread, (int)info->exit.rval, path) || !is_beneath(path, victim)) return;
  snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", thread, (int)info->exit.rval);
  FILE *file = fopen(name, "r");
  unsigned flags = 0;
  while (file && fgets(line, sizeof line, file)) sscanf(line, "flags: %o", &flags);
  if (file) fclose(file);
  if (flags & O_PATH) return;
  reads++;
  snprintf(opened, sizeof opened, "%s", path);
}

// MARK: The program

static void run(char **program) {
  if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) fail("ptrace");
  raise(SIGSTOP);
  execv(program[0], program);
  fail(program[0]);
}

static int follow(pid_t child) {
  int status, code = 125;
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) fail("waitpid");
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SETOPTIONS, child, 0, options) != 0) fail("ptrace");
  if (ptrace(PTRACE_SYSCALL, child, 0, 0) != 0) fail("ptrace");
  pid_t thread;
  while ((thread = waitpid(-1, &status, __WALL)) > 0) {
    int signal = 0;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (thread == child) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      continue;
    }
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      struct __ptrace_syscall_info info;
      memset(&info, 0, sizeof info);
      if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0) {
        if (info.op == PTRACE_SYSCALL_INFO_ENTRY) enter(thread, &info);
        if (info.op == PTRACE_SYSCALL_INFO_EXIT) leave(thread, &info);
      }
    } else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != SIGTRAP) {
      signal = WSTOPSIG(status);
    }
    ptrace(PTRACE_SYSCALL, thread, 0, signal);
  }
  return code;
}

int main(int count, char **arguments) {
  if (count < 10) {
    fprintf(stderr, "usage: %s USER BEFORE FOR REPORT FOLDER VICTIM ONE OTHER PROGRAM ARGUMENT…\n",
            arguments[0]);
    return 125;
  }
  user = (uid_t)atol(arguments[1]);
  before = atol(arguments[2]);
  duration = atol(arguments[3]);
  folder = arguments[5];
  victim = arguments[6];
  one_pattern = arguments[7];
  other_pattern = arguments[8];
  FILE *report = fopen(arguments[4], "w");
  if (!report) fail(arguments[4]);
  if (setgroups(0, NULL) != 0) fail("setgroups");
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) run(arguments + 9);
  int code = follow(child);
  fprintf(report, "calls %ld\nswaps %ld\nreads %ld%s%s\n", calls, swaps, reads,
          reads > 0 ? " " : "", opened);
  fclose(report);
  return code;
}
