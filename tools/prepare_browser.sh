#!/usr/bin/env bash
# Installs what the browser tests and the PDF tests need from the system, where that is allowed.
# Says loudly what is left out where it is not; never fails.
set -u

missing=()
[ -x /usr/bin/chromium ] || missing+=(chromium)
ls /usr/share/fonts/*/*/NotoSansCJK* >/dev/null 2>&1 || missing+=(fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${missing[*]} for the tests…"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -qq --no-install-recommends -y "${missing[@]}" >/dev/null \
        && exit 0
fi

cat >&2 <<MESSAGE
**********************************************************************
  NOT INSTALLED: ${missing[*]}
  The tests that need them are SKIPPED. To run them, as root:
      apt-get install ${missing[*]}
**********************************************************************
MESSAGE
