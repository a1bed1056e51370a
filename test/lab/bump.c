/* Moves the next PID to the given number, by starting and ending processes: this kernel has no ns_last_pid to set. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

static char stack[16384];
static int nothing(void *unused) { return unused != 0; }

int main(int argc, char **argv) {
  int wanted = argc > 1 ? atoi(argv[1]) : 0;
  for (int i = 0; i < 65536; i++) {
    int pid = clone(nothing, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, 0);
    if (pid < 0) return 1;
    waitpid(pid, 0, 0);
    if (pid >= wanted && pid < wanted + 64) return 0;
  }
  return 2;
}
