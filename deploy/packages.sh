# For the scripts beside it to source: installs the Debian packages that zonebridge needs to build and run.

packages=(bind9 bind9-utils bind9-dnsutils curl iproute2 libldns-dev libsystemd-dev libyaml-dev openssl patch
  pkg-config strace systemd)

install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "these packages are missing: ${missing[*]}; run this as root, or install sudo" >&2
      return 1
    }
    sudo=(sudo)
  fi
  echo "== installing ${missing[*]}"
  # Debian starts a service as soon as its package is installed. A name server that nobody has configured must not
  # answer on this host, so a policy keeps the installation from starting anything. The subshell removes the policy even
  # if the installation is interrupted: left behind, it would keep every later package from starting its service.
  (
    policy=/usr/sbin/policy-rc.d
    trap 'exit 130' INT
    trap 'exit 143' TERM
    # Each step says "|| exit": bash ignores "set -e" on the left of the "||" below.
    if [ ! -e "$policy" ]; then
      trap '"${sudo[@]}" rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null || exit
      "${sudo[@]}" chmod 755 "$policy" || exit
    fi
    "${sudo[@]}" apt-get update -q || exit
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -q --no-install-recommends "${missing[@]}" || exit
  ) || return
  [ -d /run/systemd/system ] || return 0
  local service
  for service in bind9:named prometheus:prometheus; do
    [[ " ${missing[*]} " == *" ${service%:*} "* ]] || continue
    echo "   ${service%:*} is new on this host: its service is disabled, and was not started"
    "${sudo[@]}" systemctl disable --quiet "${service#*:}"
  done
}

# Nothing here installs Swift: the user decides which version to install, and where.
require_swift() {
  command -v swift >/dev/null || {
    echo "swift is not on the PATH: install Swift 6.3 (https://www.swift.org/install/linux/)," \
      "or, where sudo has a PATH of its own, run this without it" >&2
    return 1
  }
}
