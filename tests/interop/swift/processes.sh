# Sourced by start.sh and stop.sh: whose process is it?

SERVERS="proxy object container account"

arguments_of() {
  if [ -d /proc/self ]; then
    tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null || true
  else
    ps -o args= -p "$1" 2>/dev/null || true
  fi
}

# Whether the server NAME, whose process ID is in RUN, is running with the configuration that was written for it. The
# number alone says little: after the server has gone it may be another process's.
server_runs() {
  local run=$1 name=$2
  [ -s "$run/$name.pid" ] || return 1
  case " $(arguments_of "$(cat "$run/$name.pid")") " in
    *" $run/$name-server.conf "*) return 0 ;;
  esac
  return 1
}
