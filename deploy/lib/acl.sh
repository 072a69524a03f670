# Sourced: users of Redis' access list (deploy/docs/redis-acl.md), made from deploy/acl and passwords in files.

# acl_rules FILE [PREFIX] — the rules of one service on one line, without comments, for keys with the prefix.
acl_rules() {
    local prefix=${2:-sj}
    sed -e '/^#/d' -e "s/{sj:/{$prefix:/g; s/&sj:/\&$prefix:/g" "$1" | tr '\n' ' '
}

# acl_user NAME PASSWORD-FILE RULES — one line of an aclfile. The password itself is not in it.
acl_user() {
    printf 'user %s on #%s %s\n' "$1" "$(tr -d '\n' <"$2" | sha256sum | cut -d' ' -f1)" "$3"
}

# acl_file FOLDER [PREFIX] — a whole aclfile: each service of deploy/acl with the password in FOLDER/NAME.password,
# and the user operator, who may do everything, with that in FOLDER/redis.password. Nobody gets in without a password.
acl_file() {
    local folder=$1 rules name
    # Off and without a password, so that nobody can be this user; with every right, since redis-server 7.0 checks the
    # transactions of its own append-only file against it at start and would leave out what it may not do.
    echo "user default off resetpass ~* &* +@all"
    acl_user operator "$folder/redis.password" '~* &* +@all'
    for rules in deploy/acl/*.acl; do
        name=$(basename "$rules" .acl)
        acl_user "$name" "$folder/$name.password" "$(acl_rules "$rules" "${2:-}")"
    done
}
