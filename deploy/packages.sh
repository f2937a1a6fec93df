# Sourced by the scripts beside it: installs the Debian packages that zonebridge builds and runs with.

packages=(bind9 bind9-utils bind9-dnsutils libldns-dev libsystemd-dev openssl patch pkg-config
  zlib1g-dev)

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
  # Debian starts a service as soon as its package is there. A name server that nobody has set up
  # must not begin to answer on this host, so installing is kept from starting anything.
  local policy=/usr/sbin/policy-rc.d made=no
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
    made=yes
  fi
  local status=0
  "${sudo[@]}" apt-get update -qq || status=$?
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" || status=$?
  [ "$made" = yes ] && "${sudo[@]}" rm -f "$policy"
  [ "$status" -eq 0 ] || return "$status"
  if [[ " ${missing[*]} " == *' bind9 '* ]] && [ -d /run/systemd/system ]; then
    echo "   bind9 is new on this host: its service is disabled, and was not started"
    "${sudo[@]}" systemctl disable --quiet named
  fi
}
