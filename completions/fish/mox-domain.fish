# fish completion for mox-domain. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_domain_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_domain_operands
    set -l words (commandline -opc)
    set -l count 0
    set -l skip no
    set -l only_operands no
    for word in $words[2..]
        if test $skip = yes
            set skip no
        else if test $only_operands = yes
            set count (math $count + 1)
        else if test "$word" = --
            set only_operands yes
        else if contains -- "$word" -c --config --lock-timeout
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-domain -f
complete -c mox-domain -s c -l config -r -F -d 'Configuration file; default: $MOXCONF, else config/mox.conf.'
complete -c mox-domain -s n -l dry-run -d 'say what would be done and change nothing'
complete -c mox-domain -l lock-timeout -x -d 'seconds to wait for another process that holds a lock'
complete -c mox-domain -s h -l help -d 'show this help'
complete -c mox-domain -l version -d 'show the version'
complete -c mox-domain -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-domain -s v -l verbose -d 'say each step'
complete -c mox-domain -l json -d 'write results and messages as JSON lines'
complete -c mox-domain -l no-progress -d 'show no progress line'
complete -c mox-domain -n 'test (__mox_domain_operands) -eq 0' -x -a 'add rm dnsrecords' -d 'ACTION'
complete -c mox-domain -n 'test (__mox_domain_operands) -eq 2' -x -a '(__mox_domain_names accounts)' -d 'ACCOUNT'
