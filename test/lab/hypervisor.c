/* Stands in for Firecracker and Cloud Hypervisor: a process with the right name and arguments that says one line and stays.
 * With --api-socket it answers what flintlockd asks there. Where /etc/lab/hypervisor-fails is, it ends at once. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void serve(const char *path) {
  const char *body = "{\"state\":\"Running\",\"config\":{},\"version\":\"v43.0\"}";
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  char buffer[4096];
  strncpy(at.sun_path, path, sizeof at.sun_path - 1);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 8)) {
    perror(path);
    _exit(1);
  }
  for (;;) {
    int peer = accept(listener, 0, 0);
    if (read(peer, buffer, sizeof buffer) > 0) {
      if (strstr(buffer, "vm.shutdown")) body = "{\"state\":\"Shutdown\",\"config\":{}}";
      dprintf(peer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(body), body);
    }
    close(peer);
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "--version")) return puts(strstr(argv[0], "cloud") ? "cloud-hypervisor v43.0" : "Firecracker v1.10.1") < 0;
  if (!access("/etc/lab/hypervisor-fails", F_OK)) return fputs("stand-in: told to fail\n", stderr), 1;
  puts("stand-in: running");
  fflush(stdout);
  signal(SIGPIPE, SIG_IGN);
  for (int i = 1; i + 1 < argc; i++)
    if (!strcmp(argv[i], "--api-socket")) serve(argv[i + 1]);
  for (;;) pause();
}
