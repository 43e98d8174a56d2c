# For the steps of the gate that want what a machine may lack; to be sourced. Such a step says NOT RUN and goes on: the
# gate is red for what is in this repository, nothing else. Where the variable NOT_RUN names a file, it is kept there
# for the last line.
not_run() {
  printf '\nNOT RUN: %s\n\n' "$1" >&2
  if [ -n "${NOT_RUN:-}" ]; then printf '%s\n' "$1" >>"$NOT_RUN"; fi
}

# apt-get, as root, asking nothing; fails where there is none.
apt_get() {
  local as=()
  command -v apt-get >/dev/null || return
  if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null; then as=(sudo); fi
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
}
