# Sourced: installs Debian packages that are missing. Needs root for that, and says so where it is not.

# install_packages PACKAGE… — returns 0 when all are there afterwards.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "missing packages, which only root can install: apt-get install ${missing[*]}" >&2
        return 1
    fi
    echo "installing ${missing[*]}" >&2
    local attempt
    for attempt in 1 2 3 4 5; do
        # Another apt run holds the lock for a while at most; DPkg::Lock::Timeout waits for it.
        if apt-get -o DPkg::Lock::Timeout=120 update -qq >/dev/null 2>&1 &&
            DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -o DPkg::Lock::Timeout=120 install -y -qq \
                --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
            return 0
        fi
        sleep $((attempt * 3))
    done
    echo "apt-get could not install ${missing[*]}" >&2
    return 1
}

# What a build needs, and what running needs.
build_packages=(libhiredis-dev libcurl4-openssl-dev libsqlite3-dev libre2-dev zlib1g-dev libjemalloc-dev)
run_packages=(redis-server ca-certificates tzdata curl)
# What single tests need; they are skipped where it is missing.
test_packages=(faketime)
