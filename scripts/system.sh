# Sourced by `run` and `test`: what both need of the machine.

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

need_swift() {
    command -v swift >/dev/null || fail "Swift is missing. Install 6.3 or later: https://www.swift.org/install/linux/"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
    read -r major minor <<<"${version:-0 0}"
    if ((major < 6 || (major == 6 && minor < 2))); then
        fail "Swift $major.$minor is too old: 6.2 or later is needed. https://www.swift.org/install/linux/"
    fi
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

# need_packages NAME…: installs those that are missing; without root it prints the line to run.
need_packages() {
    local missing=() name
    command -v dpkg-query >/dev/null || return 0
    for name in "$@"; do
        is_installed "$name" || missing+=("$name")
    done
    ((${#missing[@]} == 0)) && return 0
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if ! { command -v sudo && sudo -n true; } >/dev/null 2>&1; then
            fail "These packages are missing. Run this, then try again:
  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
        fi
        as_root=(sudo)
    fi
    say "Installing ${missing[*]}"
    # Some bring a daemon; none is to start and take a port of this machine.
    local policy=/usr/sbin/policy-rc.d made_policy=false
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
        made_policy=true
    fi
    local result=0
    "${as_root[@]}" apt-get update -q >&2 || result=$?
    ((result == 0)) && { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 || result=$?; }
    if $made_policy; then "${as_root[@]}" rm -f "$policy"; fi
    ((result == 0)) || fail "apt-get failed; the packages wanted are ${missing[*]}"
}

build_packages=(libunbound-dev libssl-dev libsqlite3-dev libidn2-dev libpq-dev libxml2-dev libpsl-dev libarchive-dev libcurl4-openssl-dev libcmark-gfm-dev libldap-dev)

# Leaves the path of the program in $postern. Our own targets say for themselves that the runtime's exclusivity checks are off in a
# release build; this says it for the libraries, whose event loop pays for them most.
build_release() {
    swift build -c release --product postern -Xswiftc -enforce-exclusivity=unchecked >&2
    postern=$(swift build -c release --show-bin-path)/postern
}

# Holds the description of the HTTP interface against a running gate. Without the network, its test is skipped and says so.
need_schemathesis() {
    [ -x .build/schemathesis/bin/schemathesis ] && return 0
    say "Installing schemathesis below .build"
    mkdir -p .build
    { python3 -m venv .build/schemathesis && .build/schemathesis/bin/pip install -q schemathesis==4.32.5; } >&2 && return 0
    rm -rf .build/schemathesis
    say "schemathesis cannot be installed; its test is skipped"
}

# Drives the console. Without Chromium's driver (Debian: chromium-driver) or the network, its test is skipped and says so.
need_browser() {
    if ! is_installed chromium-driver; then
        apt-cache show chromium-driver >/dev/null 2>&1 || { say "There is no package chromium-driver here; the console's test is skipped"; return 0; }
        need_packages chromium chromium-driver
    fi
    [ -x .build/browser/bin/python ] && return 0
    say "Installing selenium and axe-core below .build"
    mkdir -p .build
    { python3 -m venv .build/browser && .build/browser/bin/pip install -q selenium==4.51.0 axe-core-python==0.1.0; } >&2 && return 0
    rm -rf .build/browser
    say "selenium cannot be installed; the console's test is skipped"
}

# An OpenID Connect provider that people sign in by. Without the network, its test is skipped and says so.
need_oidc_provider() {
    [ -x .build/oidc-provider/bin/oidc-provider-mock ] && return 0
    say "Installing oidc-provider-mock below .build"
    mkdir -p .build
    { python3 -m venv .build/oidc-provider && .build/oidc-provider/bin/pip install -q oidc-provider-mock==0.3.4; } >&2 && return 0
    rm -rf .build/oidc-provider
    say "oidc-provider-mock cannot be installed; its test is skipped"
}

# A second opinion on what `postern domain check` says of a domain. Without the network, its test is skipped and says so.
need_checkdmarc() {
    [ -x .build/checkdmarc/bin/checkdmarc ] && return 0
    say "Installing checkdmarc below .build"
    mkdir -p .build
    { python3 -m venv .build/checkdmarc && .build/checkdmarc/bin/pip install -q checkdmarc==6.0.4; } >&2 && return 0
    rm -rf .build/checkdmarc
    say "checkdmarc cannot be installed; its test is skipped"
}
