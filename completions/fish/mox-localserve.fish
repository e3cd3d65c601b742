# fish completion for mox-localserve. Written by gencompletions from the option definitions.

# Names that only the data directory knows.
function __mox_localserve_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function __mox_localserve_operands
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
        else if contains -- "$word" --dir --ip --port-offset
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c mox-localserve -f
complete -c mox-localserve -l dir -x -a '(__fish_complete_directories (commandline -ct))' -d 'Where everything is kept; made when it is missing. Default: mox-localserve in your folder for configuration, for root /var/lib/mox-localserve.'
complete -c mox-localserve -l ip -x -d 'Address to listen on; default: 127.0.0.1 and ::1.'
complete -c mox-localserve -l port-offset -x -d 'What is added to the usual ports when the directory is made; default: 1000.'
complete -c mox-localserve -s h -l help -d 'show this help'
complete -c mox-localserve -l version -d 'show the version'
complete -c mox-localserve -s q -l quiet -d 'say nothing unless something is wrong'
complete -c mox-localserve -s v -l verbose -d 'say each step'
complete -c mox-localserve -l json -d 'write results and messages as JSON lines'
complete -c mox-localserve -l no-progress -d 'show no progress line'
