// What somebody who may write to a folder can do there while another program works in it, at each of its
// system calls in turn: two names change places just before the call, and again just before a later one.
//
// usage: folder-swapper USER BEFORE FOR REPORT FOLDER VICTIM ONE OTHER PROGRAM ARGUMENT…
//   USER            the number of the user (and group) who swaps
//   BEFORE          the number of the call that it is done before, counted from 1; 0: never
//   FOR             for so many calls; 0: for good
//   REPORT          the file that gets the number of calls, how often it was done, and what was opened in VICTIM
//   FOLDER, VICTIM  the calls that count are those on paths and open files beneath these
//   ONE, OTHER      the names, as glob(7) has them
//
// A call counts if ONE and OTHER are there to change places, and if it can see that they did: it goes by a path, or
// asks for the times or the entries of an open file. To read, write, flush and close an open file, and to set its owner,
// mode and attributes, is the same whatever the file is called by now: to swap before such a call is to swap before the
// next one that counts.
//
// The program is followed by ptrace(2), with its threads. It stops only at calls that may count (seccomp(2)). So do the
// programs that it starts, which go on at once.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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

// A call that can see what a name leads to, and where its arguments are that name a file: a path alone, an open file
// alone, or a path in an open folder. What is not among them is -1.
struct call {
  long number;
  int path[2], descriptor[2];
};

#define PATH(name) {SYS_##name, {0, -1}, {-1, -1}}
#define TWO_PATHS(name) {SYS_##name, {0, 1}, {-1, -1}}
#define PATH_IN_FOLDER(name) {SYS_##name, {1, -1}, {0, -1}}
#define TWO_PATHS_IN_FOLDERS(name) {SYS_##name, {1, 3}, {0, 2}}
#define DESCRIPTOR(name) {SYS_##name, {-1, -1}, {0, -1}}

static const struct call table[] = {
#ifdef SYS_open
    PATH(open),
#endif
#ifdef SYS_stat
    PATH(stat),
    PATH(lstat),
#endif
#ifdef SYS_unlink
    PATH(unlink),
    PATH(mkdir),
    PATH(rmdir),
    PATH(readlink),
    PATH(access),
    PATH(chmod),
    PATH(chown),
    PATH(lchown),
#endif
    PATH(truncate),
    PATH(getxattr),
    PATH(lgetxattr),
    PATH(setxattr),
    PATH(lsetxattr),
    PATH(listxattr),
    PATH(llistxattr),
#ifdef SYS_rename
    TWO_PATHS(rename),
    TWO_PATHS(link),
#endif
    PATH_IN_FOLDER(openat),
#ifdef SYS_openat2
    PATH_IN_FOLDER(openat2),
#endif
    PATH_IN_FOLDER(newfstatat),
    PATH_IN_FOLDER(statx),
    PATH_IN_FOLDER(unlinkat),
    PATH_IN_FOLDER(mkdirat),
    PATH_IN_FOLDER(readlinkat),
    PATH_IN_FOLDER(faccessat),
#ifdef SYS_faccessat2
    PATH_IN_FOLDER(faccessat2),
#endif
    PATH_IN_FOLDER(fchownat),
    PATH_IN_FOLDER(fchmodat),
    PATH_IN_FOLDER(utimensat),
#ifdef SYS_renameat
    TWO_PATHS_IN_FOLDERS(renameat),
#endif
    TWO_PATHS_IN_FOLDERS(renameat2),
    TWO_PATHS_IN_FOLDERS(linkat),
    DESCRIPTOR(fstat),
    DESCRIPTOR(getdents64),
};
enum { table_count = sizeof table / sizeof *table };

static const struct call *call_of(unsigned long number) {
  for (int i = 0; i < table_count; i++)
    if (table[i].number == (long)number) return &table[i];
  return NULL;
}

static int opens(unsigned long number) {
#ifdef SYS_open
  if (number == SYS_open) return 1;
#endif
#ifdef SYS_openat2
  if (number == SYS_openat2) return 1;
#endif
  return number == SYS_openat;
}

// Has the calls of the table stop the calling process, and those of what it starts.
static void stop_at_calls(void) {
  struct sock_filter program[table_count + 3];
  int length = 0;
  program[length++] =
      (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (int i = 0; i < table_count; i++)
    program[length++] = (struct sock_filter)BPF_JUMP(
        BPF_JMP | BPF_JEQ | BPF_K, (unsigned)table[i].number, (unsigned char)(table_count - i), 0);
  program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  program[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
  struct sock_fprog filter = {(unsigned short)length, program};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) fail("seccomp");
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

static int counts(pid_t thread, const struct call *call, const unsigned long long *arguments) {
  char path[PATH_MAX];
  for (int i = 0; i < 2; i++) {
    if (call->descriptor[i] >= 0 && read_descriptor(thread, (int)arguments[call->descriptor[i]], path) &&
        concerns_us(path))
      return 1;
    if (call->path[i] >= 0 && read_path(thread, arguments[call->path[i]], path) && concerns_us(path)) return 1;
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
  if (renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0) {
    is_swapped = !is_swapped;
    swaps++;
  }
  if (seteuid(0) != 0 || setegid(0) != 0) fail("seteuid");
}

static void enter(pid_t thread, const struct call *call, const unsigned long long *arguments) {
  if (!counts(thread, call, arguments)) return;
  if (!is_swapped && !(find(one_pattern, one) && find(other_pattern, other))) return;
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
  stop_at_calls();
  execv(program[0], program);
  fail(program[0]);
}

// Whether a thread is of the program itself.
static int is_of(pid_t program, pid_t thread) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d", program, thread);
  return access(path, F_OK) == 0;
}

// At a call that may count. Returns how to go on: to the end of a call that opens a file, and else to the next call.
static enum __ptrace_request stop(pid_t program, pid_t thread) {
  struct __ptrace_syscall_info info;
  memset(&info, 0, sizeof info);
  if (!is_of(program, thread) || ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0 ||
      info.op != PTRACE_SYSCALL_INFO_SECCOMP)
    return PTRACE_CONT;
  const struct call *call = call_of(info.seccomp.nr);
  if (call) enter(thread, call, (const unsigned long long *)info.seccomp.args);
  return opens(info.seccomp.nr) ? PTRACE_SYSCALL : PTRACE_CONT;
}

static int follow(pid_t child) {
  int status, code = 125;
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) fail("waitpid");
  // What it starts is to be followed too: a call that stops and has nobody to stop for fails.
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                 PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SETOPTIONS, child, 0, options) != 0) fail("ptrace");
  if (ptrace(PTRACE_CONT, child, 0, 0) != 0) fail("ptrace");
  pid_t thread;
  while ((thread = waitpid(-1, &status, __WALL)) > 0) {
    int signal = 0;
    enum __ptrace_request next = PTRACE_CONT;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (thread == child) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      continue;
    }
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
      next = stop(child, thread);
    } else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      struct __ptrace_syscall_info info;
      memset(&info, 0, sizeof info);
      if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) > 0 &&
          info.op == PTRACE_SYSCALL_INFO_EXIT)
        leave(thread, &info);
    } else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP && WSTOPSIG(status) != SIGTRAP) {
      signal = WSTOPSIG(status);
    }
    ptrace(next, thread, 0, signal);
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
