# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_oncall_global_optspecs
    string join \n profile= region= drill= o/output= jq= template= link color= utc timezone= budget= timeout= q/quiet no-pager no-input debug h/help V/version
end

function __fish_oncall_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_oncall_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_oncall_using_subcommand
    set -l cmd (__fish_oncall_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c oncall -n "__fish_oncall_needs_command" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_needs_command" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_needs_command" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_needs_command" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_needs_command" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_needs_command" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_needs_command" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_needs_command" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_needs_command" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_needs_command" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_needs_command" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_needs_command" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_needs_command" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_needs_command" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_needs_command" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_needs_command" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_needs_command" -s V -l version -d 'Print version'
complete -c oncall -n "__fish_oncall_needs_command" -f -a "logs" -d 'Read logs by the name of a service, a task or a group'
complete -c oncall -n "__fish_oncall_needs_command" -f -a "specs" -d 'See what is running: services, versions, tasks, and what is wrong with them'
complete -c oncall -n "__fish_oncall_needs_command" -f -a "changelog" -d 'See what changed: Terraform runs, states, ECS deployments, change tickets'
complete -c oncall -n "__fish_oncall_needs_command" -f -a "drill" -d 'An incident to practise on, in a simulated cloud'
complete -c oncall -n "__fish_oncall_needs_command" -f -a "schema" -d 'Print the JSON Schema of a kind of record; without one, list the kinds'
complete -c oncall -n "__fish_oncall_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -f -a "tail" -d 'Read the events of services, tasks and groups, in order of time'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -f -a "grep" -d 'Print the events whose exact text matches; exit 1 when none does'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -f -a "groups" -d 'List log groups'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and not __fish_seen_subcommand_from tail grep groups streams" -f -a "streams" -d 'List the streams of targets'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l since -d 'From when on: 15m, 2h30m, 1d, 14:05, \'yesterday 14:05\', RFC 3339, epoch [default: 15m]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l until -d 'Until before when, likewise [default: now]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l around -d 'Centred on a moment' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l window -d 'How wide, with --around [default: 30m]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -s n -d 'Only the newest N' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l level -d 'Only this level and louder; events that say no level are left out and counted' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l where -d 'Only events of whose fields this holds: latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id, !trace_id, or level>=warn (repeatable: all of them)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l task -d 'Only the task whose id begins so' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l stream -d 'Only streams whose name begins so, or matches a glob' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l filter-pattern -d 'A filter pattern in CloudWatch Logs\' own language, given to the server as it is' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l highlight -d 'Mark what matches, on a terminal (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -s i -l include -d 'Only events that match (a regular expression; repeatable: any of them)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -s e -l exclude -d 'No events that match (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l late -d 'With -f or --resume: print events that are ingested up to this long after their own time, each once [default: 5m]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l live -d 'Whether Live Tail takes part, which is billed by the minute: auto is quicker and goes on by itself, never polls, only does nothing else [default: auto, for three hours]' -r -f -a "never\t'Poll only'
auto\t'Live Tail where it can be had, and polls for what it leaves out'
only\t'Live Tail only: what it leaves out is missing'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l until-stopped -d 'Follow a task until it stops; the last record says its exit code, and exit is 1 unless that is 0' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l resume -d 'Go on where the last run of this NAME ended: each event once over all runs, also after a kill. The first run begins at --since' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l to -d 'Write the records to this file instead of stdout (`-`), in the form that a pipe gets' -r -F
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l summary -d 'How to tell on stderr how the reading went: json is one record, after any reading, also with -q' -r -f -a "text\t'A line, after a reading that was long or is incomplete'
json\t'One JSON record'
none\t'Not at all'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l expand -d 'Show JSON messages over several lines, on a terminal'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -s f -l follow -d 'Go on with what is ingested from now on, until Ctrl-C'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from tail" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s m -l max-count -d 'Stop after so many, the oldest first' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s e -l regexp -d 'A pattern (repeatable: any of them)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s A -l after-context -d 'The N events after each match too, of its own stream and whatever the other conditions say' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s B -l before-context -d 'The N events before each match too' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s C -l context -d 'Both; -A and -B win over it' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l since -d 'From when on: 15m, 2h30m, 1d, 14:05, \'yesterday 14:05\', RFC 3339, epoch [default: 15m]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l until -d 'Until before when, likewise [default: now]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l around -d 'Centred on a moment' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l window -d 'How wide, with --around [default: 30m]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s n -d 'Only the newest N' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l level -d 'Only this level and louder; events that say no level are left out and counted' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l where -d 'Only events of whose fields this holds: latency_ms>500, err.code=EAI_*, path~^/v1/, trace_id, !trace_id, or level>=warn (repeatable: all of them)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l task -d 'Only the task whose id begins so' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l stream -d 'Only streams whose name begins so, or matches a glob' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l filter-pattern -d 'A filter pattern in CloudWatch Logs\' own language, given to the server as it is' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l highlight -d 'Mark what matches, on a terminal (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l include -d 'Only events that also match (a regular expression; repeatable: any of them)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l exclude -d 'No events that match (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l late -d 'With -f or --resume: print events that are ingested up to this long after their own time, each once [default: 5m]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l live -d 'Whether Live Tail takes part, which is billed by the minute: auto is quicker and goes on by itself, never polls, only does nothing else [default: auto, for three hours]' -r -f -a "never\t'Poll only'
auto\t'Live Tail where it can be had, and polls for what it leaves out'
only\t'Live Tail only: what it leaves out is missing'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l until-stopped -d 'Follow a task until it stops; the last record says its exit code, and exit is 1 unless that is 0' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l resume -d 'Go on where the last run of this NAME ended: each event once over all runs, also after a kill. The first run begins at --since' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l to -d 'Write the records to this file instead of stdout (`-`), in the form that a pipe gets' -r -F
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l summary -d 'How to tell on stderr how the reading went: json is one record, after any reading, also with -q' -r -f -a "text\t'A line, after a reading that was long or is incomplete'
json\t'One JSON record'
none\t'Not at all'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s i -l ignore-case -d 'Ignore case'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s v -l invert-match -d 'The events that do not match'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s F -l fixed-strings -d 'The pattern is a text, not a regular expression'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s w -l word-regexp -d 'Match whole words only'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s c -l count -d 'Print only how many there are'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l expand -d 'Show JSON messages over several lines, on a terminal'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s f -l follow -d 'Go on with what is ingested from now on, until Ctrl-C'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from grep" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from groups" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l since -d 'From when on: 15m, 2h30m, 1d, 14:05, \'yesterday 14:05\', RFC 3339, epoch [default: 15m]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l until -d 'Until before when, likewise [default: now]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l around -d 'Centred on a moment' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l window -d 'How wide, with --around [default: 30m]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l stream -d 'Only streams whose name begins so, or matches a glob' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -s n -d 'Only the newest N of each place, the newest first' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand logs; and __fish_seen_subcommand_from streams" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -f -a "list" -d 'List services: which version of what runs, and how many tasks of it'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -f -a "show" -d 'Show one service: versions, deployments, tasks, events, and what to type next'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -f -a "tasks" -d 'List tasks: where they run, since when, how healthy, and why they stopped'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -f -a "diff" -d 'Compare what runs in two places, or at two moments: exit 1 when it differs'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and not __fish_seen_subcommand_from list show tasks diff watch" -f -a "watch" -d 'Say each change as it happens: a rollout moves, a task stops, a version appears'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l cluster -d 'Only this cluster: a name, a glob or an ARN (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l image -d 'Only containers whose image, repository, tag or digest matches a glob (repeatable: any)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l older-than -d 'Only what was deployed longer ago than this: 7d' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l newer-than -d 'Only what was deployed within this time: 2h' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l finding -d 'Only services of which this is found (repeatable: any); docs/findings.md explains each' -r -f -a "crash-loop\t''
image-missing\t''
stuck-rollout\t''
under-desired\t''
unhealthy-tasks\t''
rolled-back\t''
mixed-versions\t''
tag-moved\t''
not-deployed\t''
mutable-tag\t''"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l sort -d 'In which order' -r -f -a "name\t'Cluster by cluster, by name'
health\t'Worst first'
age\t'What was deployed last, first'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l unhealthy -d 'Only what is in trouble, with the reasons why its tasks stopped'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l details -d 'Also what costs a call a service or an image: CPU, memory, who registered it when, and every finding'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l cluster -d 'The cluster, where several have a service of that name' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l details -d 'Also ask the registry what the tags point to now, and whether a newer revision exists'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l cluster -d 'Only this cluster: a name, a glob or an ARN (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l stopped -d 'Also those that stopped within about the last hour: ECS forgets them then'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l details -d 'Also the EC2 instance that each runs on: a call for a hundred hosts'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from tasks" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l cluster -d 'Only this cluster: a name, a glob or an ARN (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l interval -d 'How long from one look to the next [default: 5s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l for -d 'End after this time' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand specs; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -f -a "list" -d 'List what changed, the newest first: who did what, with which ticket'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -f -a "check" -d 'Check that no change has a flag that nobody wants to see; those that have it are the records'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -f -a "plan" -d 'Say what a Terraform plan would change: terraform show -json plan.bin | oncall changelog plan -'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and not __fish_seen_subcommand_from list check plan apply" -f -a "apply" -d 'Say what a Terraform apply changed: terraform apply -json | oncall changelog apply -'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l since -d 'From when on: 2h, 7d, 14:05, \'yesterday 14:05\', RFC 3339, epoch; with --around, counted from that moment [default: 2h]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l until -d 'Until before when, likewise [default: now; half an hour after --around]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l around -d 'The moment that matters, such as that of a page: changes are counted back from it' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l window -d 'How much around it, half of it after it, instead of --since and --until' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l source -d 'Read only these [default: all that are configured]' -r -f -a "terraform\t'HCP Terraform and Terraform Enterprise'
s3-state\t'The versions of states in S3'
ecs\t'ECS deployments'
jira\t'Change tickets'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l from -d 'Also the changes of a file of JSON Lines with `time` and `summary`; `-` is stdin (repeatable)' -r -F
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l most-runs -d 'How many runs of Terraform are listed at most, a hundred a call' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l cluster -d 'Only ECS clusters of this name (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -s n -d 'Only the newest N; with --rank, the N likeliest causes' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l summary -d 'How to tell on stderr what was read: json is one record, also with -q' -r -f -a "text\t'A line, after a reading that was long or is incomplete'
json\t'One JSON record'
none\t'Not at all'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l who -d 'Who deployed: asks CloudTrail, two calls a second'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l no-details -d 'Without what each run of Terraform did to which resource, which costs a call or two a run'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l rank -d 'The likeliest causes first, with the reasons: how short before the moment of --around (or now), how near to SYSTEM, what it can break, what became of it'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l explain -d 'Every reason with its points, and the rules; docs/ranking.md explains them'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l reverse -d 'The oldest first'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l since -d 'From when on: 2h, 7d, 14:05, \'yesterday 14:05\', RFC 3339, epoch; with --around, counted from that moment [default: 2h]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l until -d 'Until before when, likewise [default: now; half an hour after --around]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l around -d 'The moment that matters, such as that of a page: changes are counted back from it' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l window -d 'How much around it, half of it after it, instead of --since and --until' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l source -d 'Read only these [default: all that are configured]' -r -f -a "terraform\t'HCP Terraform and Terraform Enterprise'
s3-state\t'The versions of states in S3'
ecs\t'ECS deployments'
jira\t'Change tickets'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l from -d 'Also the changes of a file of JSON Lines with `time` and `summary`; `-` is stdin (repeatable)' -r -F
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l most-runs -d 'How many runs of Terraform are listed at most, a hundred a call' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l cluster -d 'Only ECS clusters of this name (repeatable)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l forbid -d 'The flags, such as TICKETLESS (repeatable, or with commas)' -r -f -a "PARTIAL\t''
DESTROYS\t''
REPLACES\t''
TICKETLESS\t''
TICKET-NOT-APPROVED\t''
OUTSIDE-WINDOW\t''
TARGETED\t''
NOT-DEFAULT-BRANCH\t''
SELF-CONFIRMED\t''
CLI-DRIVEN\t''
ROLLBACK\t''
AUTO-APPLY\t''"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l who -d 'Who deployed: asks CloudTrail, two calls a second'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l no-details -d 'Without what each run of Terraform did to which resource, which costs a call or two a run'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l system -d 'The system that it is about, such as the name of the workspace' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l at -d 'When it was made: 2h, 14:05, RFC 3339, epoch [default: as the input says, else now]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l system -d 'The system that it is about, such as the name of the workspace' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l at -d 'When it was made: 2h, 14:05, RFC 3339, epoch [default: as the input says, else now]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand changelog; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -f -a "list" -d 'List the drills, and which of them are running'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -f -a "start" -d 'Begin a drill, and show the page as a pager would'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -f -a "hint" -d 'Show the next hint'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -f -a "answer" -d 'Say what the cause was, in your own words'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and not __fish_seen_subcommand_from list start hint answer serve" -f -a "serve" -d 'Serve the drill\'s cloud on loopback, for the AWS CLI, boto3 and others'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l again -d 'Begin anew: the clock, the hints and the answers'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l all -d 'Show all of them at once'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from hint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from answer" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l render-ahead -d 'Put the events of this long before now into words at the start, so that a page costs little more than copying it (for measuring readers; only with a stopped clock) [24h when no length is given]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l port -d 'The port; 0 takes a free one' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l latency -d 'How long every answer takes: 80ms, or 80ms+40ms with some jitter' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l tps -d 'Calls a second that are taken: 25, FilterLogEvents=25 or FilterLogEvents=25,burst=50, for each region; published is what AWS publishes for it' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l fault -d 'What befalls every Nth call: throttle:7, error:11, cut:13, reset:17, hang:50, drop:9, lose:9 or stall:9 (of Live Tail), for some operations with @FilterLogEvents; deny@StartLiveTail and absent@StartLiveTail for all of them' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l scan-limit -d 'How many events a page of FilterLogEvents looks at, at most [default: 10000]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l page-limit -d 'How many events a page has at most, whatever is asked [default: 10000]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l without -d 'What this endpoint does not know: newest-first (startFromHead=false is refused)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l live-sessions -d 'How many Live Tail sessions there may be at once [default: 15]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l live-limit -d 'How long a Live Tail session may last [default: 3h]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l expire-after -d 'Expire the keys that are in use after this long; other keys are good' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l expire-for -d 'And let them be good again after this long [default: never]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l stop-after -d 'The writers stop after this long' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l ledger -d 'When it ends, write every event that was written meanwhile to this file, as JSON Lines' -r -F
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l frozen -d 'Stop the clock at the moment of starting'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand drill; and __fish_seen_subcommand_from serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand schema" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand schema" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand schema" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l profile -d 'AWS profile; wins over keys in the environment (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l region -d 'AWS region; wins over environment and profile (repeatable: all of them are read)' -r
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l drill -d 'Read a simulated cloud instead of AWS: a built-in drill or a scenario file' -r
complete -c oncall -n "__fish_oncall_using_subcommand completions" -s o -l output -d 'Form of the output: for people on a terminal, JSON Lines in a pipe' -r -f -a "auto\t'For people on a terminal, JSON Lines elsewhere'
text\t'Lines for people; off a terminal tab-separated columns'
json\t'One JSON object a line'
raw\t'The exact text of each event'
table\t'A table'"
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l jq -d 'Print what a jq program makes of each record: texts raw, the rest as JSON' -r
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l template -d 'Fill in a template with each record, as in \'{{ time }} {{ message }}\'; @FILE reads a file' -r
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l color -d 'When to colour' -r -f -a "auto\t'On a terminal, unless NO_COLOR is set'
always\t'Always'
never\t'Never'"
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l timezone -d 'Read and show times in this zone, such as Europe/Berlin' -r
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l budget -d 'Share of the account\'s request quota to use: 1 to 100, or `unlimited`' -r
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l timeout -d 'How long to wait for an answer, an attempt [default: 15s]' -r
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l link -d 'Add the link of the console to each record that has a page'
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l utc -d 'Read and show times in UTC'
complete -c oncall -n "__fish_oncall_using_subcommand completions" -s q -l quiet -d 'No notes and no summary on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l no-pager -d 'No pager for long output'
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l no-input -d 'Never ask anything'
complete -c oncall -n "__fish_oncall_using_subcommand completions" -l debug -d 'Show the requests that are made, on stderr'
complete -c oncall -n "__fish_oncall_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
