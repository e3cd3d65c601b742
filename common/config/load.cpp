#include "config/load.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::config {

namespace {

constexpr std::size_t largest_file_bytes = 16U << 20U;
constexpr std::size_t most_names_in_hint = 8;

std::string read_config_file(const std::filesystem::path& file, std::string_view hint) try {
    return read_file(file, largest_file_bytes);
} catch (const Error& error) {
    if (error.code() != Errc::not_found) throw;
    throw Error(error.code(), error.what(), std::string(hint));
}

template <class T>
T parse_file(const std::filesystem::path& file, std::string_view hint, sconf::Lines& lines,
             std::vector<FileProblem>& problems) {
    auto parsed = sconf::parse<T>(read_config_file(file, hint));
    lines = std::move(parsed.lines);
    for (auto& problem : parsed.problems) problems.push_back({file, std::move(problem)});
    return std::move(parsed.value);
}

std::string render_one(const FileProblem& found) {
    return sconf::render(found.problem, found.file.string());
}

MailboxRole role_of_default(std::string_view name) {
    struct Row {
        std::string_view start;
        MailboxRole role;
    };
    static constexpr std::array rows{Row{"Archive", MailboxRole::archive}, Row{"Drafts", MailboxRole::drafts},
                                     Row{"Junk", MailboxRole::junk}, Row{"Sent", MailboxRole::sent},
                                     Row{"Trash", MailboxRole::trash}};
    for (const auto& row : rows)
        if (name.starts_with(row.start)) return row.role;
    return MailboxRole::none;
}

void add_mailbox(std::vector<InitialMailbox>& mailboxes, const std::string& name, MailboxRole role) {
    if (name.empty() || equal_ignoring_case(name, "Inbox")) return;
    const auto same_name = [&](const InitialMailbox& m) { return m.name == name; };
    if (std::any_of(mailboxes.begin(), mailboxes.end(), same_name)) return;
    const auto same_role = [&](const InitialMailbox& m) { return m.role == role; };
    if (std::any_of(mailboxes.begin(), mailboxes.end(), same_role)) role = MailboxRole::none;
    mailboxes.push_back({name, role});
}

}  // namespace

std::filesystem::path find_config(const std::optional<std::filesystem::path>& option, const char* environment) {
    if (option && !option->empty()) return *option;
    if (environment != nullptr && *environment != '\0') return environment;
    return std::filesystem::path("config") / "mox.conf";
}

Config read(const std::filesystem::path& static_file) {
    Config config;
    config.paths.static_file = static_file;
    config.paths.directory = static_file.has_parent_path() ? static_file.parent_path() : ".";
    config.paths.domains_file =
        static_file.has_parent_path() ? static_file.parent_path() / "domains.conf" : "domains.conf";
    config.settings = parse_file<Static>(static_file, "name the configuration file with --config or in $MOXCONF",
                                         config.settings_lines, config.problems);
    config.domains = parse_file<Domains>(config.paths.domains_file, "domains.conf must lie beside mox.conf",
                                         config.domains_lines, config.problems);
    if (!config.settings.data_dir.empty()) {
        config.paths.data = (config.paths.directory / config.settings.data_dir).lexically_normal();
        if (!config.paths.data.has_filename() && config.paths.data.has_relative_path())
            config.paths.data = config.paths.data.parent_path();  // no slash at the end
    }
    return config;
}

void throw_if_unusable(const Config& config) {
    const auto is_error = [](const FileProblem& p) { return p.problem.severity == sconf::Severity::error; };
    const auto first = std::find_if(config.problems.begin(), config.problems.end(), is_error);
    if (first == config.problems.end()) return;
    FileProblem shown = *first;
    const std::string hint = std::exchange(shown.problem.hint, {});
    std::string message = render_one(shown);
    const auto others = std::count_if(config.problems.begin(), config.problems.end(), is_error) - 1;
    if (others > 0) message += " (and " + std::to_string(others) + (others == 1 ? " more error)" : " more errors)");
    throw Error(Errc::failed, message, hint);
}

Config load(const std::filesystem::path& static_file) {
    Config config = read(static_file);
    throw_if_unusable(config);
    return config;
}

std::string render(const std::vector<FileProblem>& problems) {
    std::string text;
    for (const auto& found : problems) text += render_one(found) + "\n";
    return text;
}

std::vector<std::string> account_names(const Config& config) {
    std::vector<std::string> names;
    for (const auto& [name, account] : config.domains.accounts) names.push_back(name);
    return names;
}

const Account* find_account(const Config& config, std::string_view name) {
    const auto position = config.domains.accounts.find(std::string(name));
    return position == config.domains.accounts.end() ? nullptr : &position->second;
}

const Account& account_config(const Config& config, std::string_view name) {
    if (const Account* account = find_account(config, name)) return *account;
    const auto names = account_names(config);
    std::string hint;
    for (const auto& candidate : names)
        if (equal_ignoring_case(candidate, name)) hint = "did you mean " + quote(candidate) + "?";
    if (hint.empty() && !names.empty() && names.size() <= most_names_in_hint) {
        hint = "accounts are";
        for (const auto& candidate : names) hint += (&candidate == names.data() ? " " : ", ") + quote(candidate);
    }
    throw Error(Errc::not_found, "no account " + quote(name) + " in " + quote(config.paths.domains_file.string()),
                hint);
}

AutomaticJunkFlags automatic_junk_flags(const Config& config, std::string_view account) {
    const Account* found = find_account(config, account);
    return found == nullptr ? AutomaticJunkFlags{} : found->automatic_junk_flags;
}

std::vector<InitialMailbox> initial_mailboxes(const Static& settings) {
    std::vector<InitialMailbox> mailboxes{{"Inbox", MailboxRole::none}};
    if (!settings.default_mailboxes.empty()) {
        for (const auto& name : settings.default_mailboxes) add_mailbox(mailboxes, name, role_of_default(name));
        return mailboxes;
    }
    InitialMailboxes wanted = settings.initial_mailboxes;
    if (wanted == InitialMailboxes{})
        wanted.special_use = {
            .sent = "Sent", .archive = "Archive", .trash = "Trash", .draft = "Drafts", .junk = "Junk"};
    add_mailbox(mailboxes, wanted.special_use.archive, MailboxRole::archive);
    add_mailbox(mailboxes, wanted.special_use.draft, MailboxRole::drafts);
    add_mailbox(mailboxes, wanted.special_use.junk, MailboxRole::junk);
    add_mailbox(mailboxes, wanted.special_use.sent, MailboxRole::sent);
    add_mailbox(mailboxes, wanted.special_use.trash, MailboxRole::trash);
    for (const auto& name : wanted.regular) add_mailbox(mailboxes, name, MailboxRole::none);
    return mailboxes;
}

}  // namespace mox::config
