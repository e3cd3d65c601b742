#include "tools/restore/arguments.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <charconv>

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "model/mailbox_name.hpp"

namespace mox::restore {

namespace {

constexpr std::int64_t day = 86'400;

struct Use {
    bool given;
    const char* name;
};
// The first of `uses` that is given is refused.
void refuse(std::initializer_list<Use> uses, std::string_view why) {
    for (const auto& use : uses)
        if (use.given) throw Error(Errc::usage, fmt::format("{} {}", use.name, why));
}

void check_selection(const Options& o) {
    if (!o.account.empty()) return;
    refuse({{!o.mailboxes.empty(), "--mailbox"},
            {!o.messages.empty(), "--message"},
            {!o.since.empty(), "--since"},
            {!o.until.empty(), "--until"},
            {!o.from.empty(), "--from"},
            {!o.subject.empty(), "--subject"},
            {!o.into.empty(), "--into"}},
           "needs --account");
}

void refuse_targets_of_messages(const Options& o, std::string_view why) {
    refuse({{!o.into.empty(), "--into"},
            {!o.into_mailbox.empty(), "--into-mailbox"},
            {o.create_account, "--create-account"},
            {o.duplicates, "--duplicates"},
            {o.data_dir.config.has_value(), "--config"},
            {o.data_dir.data_dir.has_value(), "--data-dir"}},
           why);
}

void refuse_whole(const Options& o, std::string_view why) {
    refuse({{!o.destination.empty(), "DEST"},
            {o.config_dir.has_value(), "--config-dir"},
            {!o.owner.empty(), "--owner"},
            {o.keep_uidvalidity, "--keep-uidvalidity"},
            {o.hold_queue, "--hold-queue"}},
           why);
}

struct Moment {
    std::int64_t seconds = 0;
    bool is_day = false;
};
Moment moment_of(std::string_view text, std::string_view option) {
    if (const auto time = from_rfc3339(text)) return {.seconds = time->seconds};
    if (const auto start = from_rfc3339(std::string(text) + "T00:00:00Z"))
        return {.seconds = start->seconds, .is_day = true};
    throw Error(Errc::usage, fmt::format("{}: {} is not a date", option, quote(text)),
                "a date is 2026-11-22, or 2026-11-22T15:04:05+01:00");
}

std::optional<unsigned> number_of(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

Mode mode_of(const Options& options) {
    if (options.snapshot.empty()) throw Error(Errc::usage, "SNAPSHOT is empty");
    check_selection(options);
    if (options.list) {
        refuse_whole(options, "has no meaning with --list");
        refuse_targets_of_messages(options, "has no meaning with --list");
        refuse({{options.dry_run, "--dry-run"}, {options.damaged, "--damaged"}}, "has no meaning with --list");
        return Mode::list;
    }
    if (!options.account.empty()) {
        refuse_whole(options, "has no meaning with --account");
        if (options.into.empty())
            throw Error(Errc::usage, "--account needs --into", "--into names the account that gets the messages");
        return Mode::messages;
    }
    refuse_targets_of_messages(options, "needs --account");
    if (options.destination.empty())
        throw Error(Errc::usage, "DEST is missing", "DEST is a new or empty folder; --account restores messages");
    return Mode::whole;
}

std::string checked_mailbox(std::string_view typed) {
    std::string name = model::normalised_mailbox_name(typed);
    if (const auto problem = model::mailbox_name_problem(name); !problem.empty())
        throw Error(Errc::usage, "mailbox name " + quote(typed) + " " + std::string(problem));
    return name;
}

snapshot::Selection selection_of(const Options& options) {
    snapshot::Selection selection{.messages = options.messages, .from = options.from, .subject = options.subject};
    for (const auto& name : options.mailboxes) selection.mailboxes.push_back(checked_mailbox(name));
    if (!options.since.empty()) selection.since = moment_of(options.since, "--since").seconds;
    if (!options.until.empty()) {
        const Moment until = moment_of(options.until, "--until");
        selection.before = until.seconds + (until.is_day ? day : 1);
    }
    if (selection.since && selection.before && *selection.since >= *selection.before)
        throw Error(Errc::usage, "--since is later than --until");
    return selection;
}

std::optional<snapshot::Owner> owner_of(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto colon = text.find(':');
    const std::string user(text.substr(0, colon));
    snapshot::Owner owner;
    const passwd* entry = ::getpwnam(user.c_str());
    if (entry != nullptr)
        owner = {.user = entry->pw_uid, .group = entry->pw_gid};
    else if (const auto number = number_of(user))
        owner = {.user = *number, .group = *number};
    else
        throw Error(Errc::usage, "--owner: no user " + quote(user));
    if (colon == std::string_view::npos) return owner;
    const std::string group(text.substr(colon + 1));
    if (const ::group* found = ::getgrnam(group.c_str()))
        owner.group = found->gr_gid;
    else if (const auto number = number_of(group))
        owner.group = *number;
    else
        throw Error(Errc::usage, "--owner: no group " + quote(group));
    return owner;
}

}  // namespace mox::restore
