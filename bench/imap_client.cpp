// Measures a server of IMAP from outside, by one program for any server:
//   imap_client PORT USER PASSWORD MAILBOX OPERATION...
// Each operation prints milliseconds, bytes received, answers, numbers found by SEARCH, and itself:
//   select             a new connection, whose SELECT is measured
//   single ITEMS       2,000 messages here and there, each by a FETCH of its own, one after the other
//   append COUNT NAME  messages of the mailbox to another one, one after the other, each when the last is answered
//   load CLIENTS SECONDS   that many clients, each of its own user and mailbox (imap_load.hpp): milliseconds for a
//                      command, on average; answers are commands. USER has "%", the number of the client.
//   anything else      is sent as it is, and must be answered with OK

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "imap_load.hpp"
#include "imap_wire.hpp"

namespace {

using namespace mox;
using bench::ImapWire;

constexpr std::size_t singles = 2'000;
constexpr std::size_t stride = 7'919;  // a prime, so that all messages have their turn
constexpr std::size_t different_messages = 100;

struct Target {
    bench::Login login;
    std::string mailbox;
};

struct Measured {
    double milliseconds = 0;
    ImapWire::Answer answer;
};

Measured timed(const std::function<ImapWire::Answer()>& work) {
    const auto started = std::chrono::steady_clock::now();
    const auto answer = work();
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - started;
    return {elapsed.count(), answer};
}

std::size_t number_in(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        throw Error(Errc::usage, "no number: " + std::string(text));
    return number;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

// One session with a mailbox selected, in which operations follow each other.
class Client {
public:
    explicit Client(const Target& target) : target_(target) {}

    Measured measured(const std::string& operation) {
        const auto words = words_of(operation);
        const auto& name = words.front();
        if (name == "select") return select_anew();
        if (!wire_) (void)select_anew();
        if (name == "single") return single(operation.substr(7));
        if (name == "append" && words.size() == 3) return append(number_in(words[1]), std::string(words[2]));
        return timed([&] { return wire_->command(operation); });
    }

private:
    Measured select_anew() {
        wire_ = std::make_unique<ImapWire>(target_.login.port);
        (void)wire_->command("LOGIN " + target_.login.user + " " + target_.login.password);
        return timed([&] { return wire_->command("SELECT " + target_.mailbox); });
    }

    // One UID in the answer to each FETCH would do; numbers are all that is needed.
    std::size_t size() { return wire_->command("SEARCH ALL").found; }

    Measured single(const std::string& items) {
        const std::size_t count = size();
        if (count == 0) throw Error(Errc::failed, "the mailbox is empty");
        return timed([&] {
            ImapWire::Answer sum;
            for (std::size_t i = 0; i < singles; ++i) {
                const auto one = wire_->command("FETCH " + std::to_string(i * stride % count + 1) + " " + items);
                sum.bytes += one.bytes;
                sum.untagged += one.untagged;
            }
            return sum;
        });
    }

    Measured append(std::size_t count, const std::string& name) {
        const std::size_t all = size();
        std::vector<std::string> messages;
        for (std::size_t i = 0; i < std::min(different_messages, all); ++i)
            (void)wire_->command("FETCH " + std::to_string(i * stride % all + 1) + " (BODY.PEEK[])",
                                 [&](std::string_view literal) { messages.emplace_back(literal); });
        if (messages.empty()) throw Error(Errc::failed, "the mailbox is empty");
        return timed([&] {
            ImapWire::Answer sum;
            for (std::size_t i = 0; i < count; ++i) {
                const auto one = wire_->command_with_literal("APPEND " + name, messages[i % messages.size()]);
                sum.bytes += one.bytes;
                sum.untagged += one.untagged;
            }
            return sum;
        });
    }

    const Target& target_;
    std::unique_ptr<ImapWire> wire_;
};

void print(const Measured& measured, const std::string& operation) {
    std::printf("%10.3f ms  %10zu  %8zu  %8zu  %s\n", measured.milliseconds, measured.answer.bytes,
                measured.answer.untagged, measured.answer.found, operation.c_str());
    std::fflush(stdout);
}

void run(const Target& target, const std::vector<std::string>& operations) {
    std::unique_ptr<Client> client;
    for (const auto& operation : operations) {
        if (const auto words = words_of(operation); words.size() == 3 && words[0] == "load") {
            const double seconds = static_cast<double>(number_in(words[2]));
            const std::size_t commands =
                bench::commands_under_load(target.login, target.mailbox, number_in(words[1]), seconds);
            if (commands == 0) throw Error(Errc::failed, "not one command was answered");
            print({.milliseconds = seconds * 1000 / static_cast<double>(commands), .answer = {.untagged = commands}},
                  operation);
            continue;
        }
        if (!client) client = std::make_unique<Client>(target);
        print(client->measured(operation), operation);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 6) {
        std::fputs("usage: imap_client PORT USER PASSWORD MAILBOX OPERATION...\n", stderr);
        return 2;
    }
    const auto port = number_in(argv[1]);
    if (port == 0 || port > 65'535) throw Error(Errc::usage, "no port");
    run({.login = {.port = static_cast<std::uint16_t>(port), .user = argv[2], .password = argv[3]}, .mailbox = argv[4]},
        std::vector<std::string>(argv + 5, argv + argc));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "imap_client: %s\n", error.what());
    return 1;
}
