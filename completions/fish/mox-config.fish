# fish completion for mox-config. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_config_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_config_operands
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
        else if contains -- "$word" -c --config
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-config -f
complete -c mox-config -s c -l config -r -F -d 'Configuration file to check; default: $MOXCONF, else config/mox.conf.'
complete -c mox-config -l no-files -d 'Do not look at the certificates, keys and other files that the configuration names.'
complete -c mox-config -s h -l help -d 'show this help'
complete -c mox-config -l version -d 'show the version'
complete -c mox-config -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-config -s v -l verbose -d 'say each step'
complete -c mox-config -l json -d 'write results and messages as JSON lines'
complete -c mox-config -l no-progress -d 'show no progress line'
complete -c mox-config -n 'test (__mox_config_operands) -eq 0' -x -a 'test describe-static describe-domains' -d 'ACTION'
