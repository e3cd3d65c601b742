#include "tools/import/import_run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <map>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "cli/progress.hpp"
#include "intake/gmail_labels.hpp"
#include "store/bulk.hpp"
#include "store/known_contents.hpp"
#include "store/mailbox.hpp"
#include "store/training_batch.hpp"
#include "tools/import/message_work.hpp"
#include "tools/import/notes.hpp"

namespace mox::importing {

namespace {

// Raw bytes of messages under way at most, unless a single message is larger.
constexpr std::size_t memory_limit = 8U << 20U;
// Messages go to the workers in groups, so that small ones do not cost a wake-up each.
constexpr std::size_t group_bytes = 128U << 10U;
constexpr std::size_t group_messages = 16;

// Beside the contents that messages bring along: what a worker has in hand at once.
constexpr std::size_t working_memory = 128U << 10U;

std::size_t contents_bytes(const intake::RawMessage& message) {
    const auto* const contents = std::get_if<intake::InlineBody>(&message.body);
    return sizeof(message) + (contents != nullptr ? contents->bytes.size() : 0);
}

class Run {
public:
    // `account`: may be null with nothing to write. `bulk`: null when nothing is written. `training`: null when nothing
    // is trained.
    Run(store::Account* account, store::BulkInsert* bulk, store::TrainingBatch* training, intake::MailTree& tree,
        const Settings& settings, cli::Reporter& out)
        : account_(account),
          bulk_(bulk),
          training_(training),
          tree_(tree),
          settings_(settings),
          out_(out),
          notes_(out, settings.report),
          known_mailboxes_(known_mailboxes(account)),
          destinations_(settings.destinations, known_mailboxes_) {}

    void read_all(const Ownership& ownership);
    // After the commit.
    void train(const store::BulkInsert::Result& inserted);
    Totals finish();
    [[nodiscard]] const std::vector<store::BulkInsert::Target>& targets() const { return destinations_.targets(); }

private:
    static std::vector<KnownMailbox> known_mailboxes(store::Account* account);
    void place_folders();
    Input input_for(intake::TreeMessage&& found);
    void consume(Output&& output);
    // The mailboxes of a message, the main one first; none when all are left out.
    std::vector<std::size_t> targets_of(Output& output);
    std::optional<std::size_t> target_of_label(const std::string& label);
    void use_target(std::size_t target);
    bool is_left_out(const Output& output, const std::vector<std::size_t>& targets);
    void insert(Output&& output, const std::vector<std::size_t>& targets);
    [[nodiscard]] JunkRules junk_rules(std::size_t target) const;
    void add_to_training(store::MessageId id, model::Flags flags, std::span<const junk::WordKey> words,
                         const std::vector<std::size_t>& targets);
    std::vector<std::string> names_of(const std::vector<std::size_t>& targets) const;

    store::Account* account_;
    store::BulkInsert* bulk_;
    store::TrainingBatch* training_;
    intake::MailTree& tree_;
    const Settings& settings_;
    cli::Reporter& out_;
    Notes notes_;
    std::vector<KnownMailbox> known_mailboxes_;  // of the account
    Destinations destinations_;
    std::vector<Destinations::Place> places_;  // by folder
    std::vector<std::int64_t> counts_;         // messages imported, by folder
    std::map<std::string, std::optional<std::size_t>> label_targets_;
    std::vector<bool> loaded_;  // by target: in known_
    store::KnownContents known_;
    std::string folder_of_files_;  // of the newest id
    std::int64_t number_of_folder_ = 0;
    Totals totals_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

std::vector<KnownMailbox> Run::known_mailboxes(store::Account* account) {
    std::vector<KnownMailbox> known;
    if (account != nullptr) {
        for (const auto& box : store::list_mailboxes(account->database())) known.push_back({box.name, box.special_use});
    } else {
        for (const auto& box : store::default_initial_mailboxes()) known.push_back({box.name, box.special_use});
    }
    return known;
}

void Run::place_folders() {
    std::vector<bool> wanted;
    for (const auto& folder : tree_.folders()) {
        places_.push_back(destinations_.place_of(folder));
        wanted.push_back(places_.back().target.has_value());
        if (!places_.back().changes.empty())
            notes_.warning({intake::WarningKind::mailbox_name,
                            fmt::format("{}: goes to mailbox {}: {}", folder.origin, quote(places_.back().mailbox),
                                        fmt::join(places_.back().changes, "; "))});
        if (places_.back().target) use_target(*places_.back().target);
    }
    counts_.resize(places_.size());
    tree_.select(std::move(wanted));
}

// Duplicates are looked for among what the mailbox holds.
void Run::use_target(std::size_t target) {
    if (loaded_.size() <= target) loaded_.resize(target + 1);
    if (!settings_.skip_duplicates || account_ == nullptr || loaded_[target]) return;
    loaded_[target] = true;
    if (const auto box = store::find_mailbox(account_->database(), destinations_.targets()[target].mailbox))
        known_.load(account_->database(), box->id, target);
}

Input Run::input_for(intake::TreeMessage&& found) {
    Input input{.raw = std::move(found.message), .folder = found.folder};
    if (bulk_ == nullptr) return input;
    input.id = bulk_->take_id();
    // Built from the folder's name: putting paths together piece by piece takes its time.
    const std::int64_t number_of_folder = number(input.id) / datadir::ids_per_folder;
    if (folder_of_files_.empty() || number_of_folder != number_of_folder_) {
        number_of_folder_ = number_of_folder;
        folder_of_files_ = account_->message_file(input.id).parent_path().native() + '/';
    }
    input.file = folder_of_files_ + std::to_string(number(input.id));
    return input;
}

void Run::read_all(const Ownership& ownership) {
    place_folders();
    Work work{.ownership = ownership, .max_message_bytes = settings_.max_message_bytes, .training = {}, .folders = {}};
    if (training_ != nullptr) work.training = training_->parameters();
    for (const auto& place : places_) work.folders.push_back(place.target ? junk_rules(*place.target) : JunkRules{});
    cli::Progress progress(out_, {.label = bulk_ != nullptr ? "importing" : "reading", .unit = "messages"});
    using Inputs = std::vector<Input>;
    using Outputs = std::vector<Output>;
    OrderedPipeline<Inputs, Outputs> pipeline(
        settings_.jobs == 0 ? default_jobs() : settings_.jobs, memory_limit,
        [&](Inputs&& group) {
            Outputs outputs;
            outputs.reserve(group.size());
            for (auto& input : group) outputs.push_back(process(std::move(input), work));
            return outputs;
        },
        [&](Outputs&& group) {
            for (auto& output : group) {
                progress.add(1, output.metadata.size_bytes);
                consume(std::move(output));
            }
        });
    Inputs group;
    std::size_t weight = 0;
    const auto submit = [&] {
        pipeline.submit(std::exchange(group, {}), working_memory + std::exchange(weight, 0));
        notes_.warnings(tree_.take_warnings());
        const auto state = tree_.progress();
        progress.set_total(state.total_messages.value_or(0));
        progress.set_share(state.done, state.total);
    };
    while (auto found = tree_.next()) {
        check_interrupt();
        const std::size_t bytes = contents_bytes(found->message);
        if (!group.empty() && weight + bytes > group_bytes) submit();
        weight += bytes;
        group.push_back(input_for(std::move(*found)));
        if (group.size() == group_messages || weight >= group_bytes) submit();
    }
    if (!group.empty()) submit();
    pipeline.finish();
    notes_.warnings(tree_.take_warnings());
    for (const auto& pattern : destinations_.unmatched_patterns())
        notes_.remark(fmt::format("no mailbox matches the pattern {}", quote(pattern)));
}

std::vector<std::size_t> Run::targets_of(Output& output) {
    const auto own = places_[output.folder].target;
    if (settings_.labels == LabelUse::ignore || output.metadata.labels.empty())
        return own ? std::vector{*own} : std::vector<std::size_t>{};
    const intake::GmailLabels labels = intake::interpret(output.metadata.labels);
    auto& marks = output.metadata.marks;
    marks.flags = marks.flags.with(labels.flags);
    if (settings_.labels == LabelUse::keywords) {
        for (const auto& label : labels.user_labels) model::add_foreign_name(marks, label);
        return own ? std::vector{*own} : std::vector<std::size_t>{};
    }
    std::vector<std::size_t> targets;
    for (const auto& mailbox : labels.mailboxes) {
        const auto target = target_of_label(mailbox);
        if (target && std::find(targets.begin(), targets.end(), *target) == targets.end()) targets.push_back(*target);
    }
    return targets;
}

std::optional<std::size_t> Run::target_of_label(const std::string& label) {
    const auto [known, is_new] = label_targets_.try_emplace(label);
    if (!is_new) return known->second;
    intake::TreeFolder folder;
    for (std::string_view rest = label; !rest.empty();) {
        const auto end = std::min(rest.find('/'), rest.size());
        folder.name.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    known->second = destinations_.place_of(folder).target;
    if (known->second) use_target(*known->second);
    return known->second;
}

std::vector<std::string> Run::names_of(const std::vector<std::size_t>& targets) const {
    std::vector<std::string> names;
    for (const auto target : targets) names.push_back(destinations_.targets()[target].mailbox);
    return names;
}

bool Run::is_left_out(const Output& output, const std::vector<std::size_t>& targets) {
    const auto& metadata = output.metadata;
    if (targets.empty()) {
        notes_.outcome(metadata.origin, {.result = "excluded", .why = "no mailbox of its labels is wanted"});
        return true;
    }
    if (settings_.since && metadata.received && metadata.received->seconds < *settings_.since) {
        ++totals_.too_old;
        notes_.outcome(metadata.origin, {.result = "too_old", .mailboxes = names_of(targets)});
        return true;
    }
    if (!settings_.skip_duplicates) return false;
    const auto same =
        known_.find(targets[0], output.file.sha256, output.file.parsed.threading.message_id, output.file.size_bytes);
    if (!same) return false;
    ++totals_.duplicates;
    notes_.outcome(metadata.origin,
                   {.result = "duplicate",
                    .mailboxes = names_of(targets),
                    .id = number(same->id),
                    .why = same->sameness == store::KnownContents::Sameness::contents ? "same contents"
                                                                                      : "same Message-ID and size"});
    return true;
}

void Run::consume(Output&& output) {
    notes_.about(output.metadata);
    if (const auto& failure = output.metadata.failure) {
        ++totals_.failed;
        notes_.outcome(output.metadata.origin, {.result = "failed", .why = failure->reason});
        if (bulk_ != nullptr) bulk_->skip(output.id);
        return;
    }
    const auto targets = targets_of(output);
    if (is_left_out(output, targets)) {
        if (bulk_ != nullptr) bulk_->skip(output.id);
        return;
    }
    ++totals_.messages;
    ++counts_[output.folder];
    totals_.size_bytes += output.file.size_bytes;
    std::optional<std::int64_t> id;
    if (bulk_ != nullptr) id = number(output.id);
    notes_.outcome(output.metadata.origin, {.result = "imported", .mailboxes = names_of(targets), .id = id});
    if (settings_.skip_duplicates)
        for (const auto target : targets) known_.add(target, output.file.sha256, output.id);
    if (bulk_ != nullptr) insert(std::move(output), targets);
}

void Run::insert(Output&& output, const std::vector<std::size_t>& targets) {
    auto& metadata = output.metadata;
    const std::int64_t size_bytes = output.file.size_bytes;
    const store::BulkInsert::Item item{.id = output.id,
                                       .file = std::move(output.file),
                                       .structure = std::move(output.structure),
                                       .mailbox = targets[0],
                                       .received = metadata.received.value_or(account_->now()),
                                       .flags = metadata.marks.flags,
                                       .keywords = std::move(metadata.marks.keywords),
                                       .order = output.order};
    bulk_->add(item);
    if (training_ != nullptr && output.words) add_to_training(item.id, item.flags, *output.words, targets);
    for (std::size_t i = 1; i < targets.size(); ++i)
        bulk_->add_copy({.id = item.id,
                         .mailbox = targets[i],
                         .size_bytes = size_bytes,
                         .flags = item.flags,
                         .keywords = item.keywords});
}

JunkRules Run::junk_rules(std::size_t target) const {
    const auto& wanted = destinations_.targets()[target];
    JunkRules rules{.effect = wanted.junk, .mailbox = {}};
    const auto known = std::find_if(known_mailboxes_.begin(), known_mailboxes_.end(),
                                    [&](const KnownMailbox& box) { return box.name == wanted.mailbox; });
    rules.mailbox.special_use = known != known_mailboxes_.end() ? known->special_use : wanted.special_use;
    return rules;
}

void Run::add_to_training(store::MessageId id, model::Flags flags, std::span<const junk::WordKey> words,
                          const std::vector<std::size_t>& targets) {
    bool as_junk = false, as_ham = false;
    for (const auto target : targets) {
        const auto wanted = junk_rules(target).training(flags);
        as_junk = as_junk || wanted == store::Trained::as_junk;
        as_ham = as_ham || wanted == store::Trained::as_ham;
    }
    training_->add(id, as_junk, as_ham, words);
}

// The messages are there whatever comes of it, and the training log keeps what is not done.
void Run::train(const store::BulkInsert::Result& inserted) {
    if (training_ == nullptr) return;
    try {
        (void)training_->finish(inserted);
    } catch (const Error& error) {
        out_.warning(fmt::format("the junk filter will be trained later: {}", error.what()));
    }
}

// After the commit, if there is one: nothing is told before it is true.
Totals Run::finish() {
    totals_.rejected_keywords = notes_.rejected_keywords();
    totals_.mailboxes = static_cast<std::int64_t>(destinations_.targets().size());
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started_;
    totals_.elapsed_seconds = std::round(elapsed.count() * 1000) / 1000;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        cli::Record record("mailbox", places_[i].target ? "{source:plain}: {messages:message|messages} into {mailbox}"
                                                        : "{source:plain}: left out ({mailbox})");
        record.set("source", tree_.folders()[i].origin)
            .set("mailbox", places_[i].mailbox)
            .set("messages", counts_[i])
            .set("wanted", cli::Value(places_[i].target.has_value()));
        notes_.line(record);
        if (settings_.show_mailboxes) out_.result(record, cli::Show::unless_quiet);
    }
    notes_.finish();
    notes_.line(cli::Record("summary")
                    .set("messages", totals_.messages)
                    .set("duplicates", totals_.duplicates)
                    .set("too_old", totals_.too_old)
                    .set("failed", totals_.failed)
                    .set("committed", cli::Value(bulk_ != nullptr)));
    totals_.report_failed = !notes_.commit_report();
    return totals_;
}

}  // namespace

Totals import_into(store::Account& account, intake::MailTree& tree, const Settings& settings, cli::Reporter& out) {
    auto training = store::TrainingBatch::start(account);
    store::BulkInsert bulk(account, "import");
    Run run(&account, &bulk, training.get(), tree, settings, out);
    run.read_all(account.ownership());
    run.train(bulk.commit(run.targets()));
    return run.finish();
}

Totals examine(store::Account* account, intake::MailTree& tree, const Settings& settings, cli::Reporter& out) {
    Run run(account, nullptr, nullptr, tree, settings, out);
    run.read_all({});
    return run.finish();
}

}  // namespace mox::importing
