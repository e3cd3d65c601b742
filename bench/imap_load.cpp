#include "imap_load.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "imap_wire.hpp"

namespace mox::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t messages = 100;  // of each mailbox
constexpr std::size_t message_bytes = 4'000;

std::string message_of(std::size_t client, std::size_t number) {
    std::string text = "From: Client " + std::to_string(client) +
                       " <client@example.org>\r\nTo: <other@example.org>\r\nSubject: message " +
                       std::to_string(number) + "\r\nDate: Mon, 5 Jan 2026 10:00:00 +0000\r\nMessage-ID: <" +
                       std::to_string(client) + "." + std::to_string(number) + "@example.org>\r\n\r\n";
    while (text.size() < message_bytes)
        text += "A line of text, as letters have many of them, but not all are alike.\r\n";
    return text;
}

class Client {
public:
    Client(Login login, std::string mailbox, std::size_t number)
        : login_(std::move(login)),
          mailbox_(std::move(mailbox)),
          number_(number) {
        if (const auto at = login_.user.find('%'); at != std::string::npos)
            login_.user.replace(at, 1, std::to_string(number));
    }

    void fill() {
        ImapWire wire = connected();
        std::size_t there = 0;
        (void)wire.command("SELECT " + mailbox_);
        there = wire.command("SEARCH ALL").found;
        for (; there < messages; ++there) append(wire);
        (void)wire.command("LOGOUT");
    }

    // Once around, or as far as the time allows.
    void go_round(Clock::time_point end) {
        ImapWire wire = connected();
        count_ += 1;
        const std::size_t some = 1 + rounds_ * 10 % (messages - 10);
        const std::string ten = std::to_string(some) + ":" + std::to_string(some + 9);
        ++rounds_;
        const auto say = [&](const std::string& text) {
            if (Clock::now() >= end) return false;
            (void)wire.command(text);
            if (Clock::now() < end) ++count_;
            return true;
        };
        if (!say("SELECT " + mailbox_) || !say("FETCH 1:* (FLAGS)") || !say("FETCH " + ten + " (ENVELOPE)") ||
            !say("FETCH " + ten + " (BODY.PEEK[])") || !say("STORE " + ten + " +FLAGS (\\Seen)"))
            return;
        append(wire);
        if (Clock::now() < end) ++count_;
        // The mailbox is as it was whenever the round ends.
        (void)wire.command("STORE 1 +FLAGS (\\Deleted)");
        (void)wire.command("EXPUNGE");
        if (Clock::now() < end) count_ += 2;
        (void)say("LOGOUT");
    }

    [[nodiscard]] std::size_t count() const { return count_; }

private:
    // Each connection from an address of its own in 127.0.0.0/8.
    ImapWire connected() {
        const std::size_t i = connections_++;
        ImapWire wire(login_.port, "127." + std::to_string(1 + number_ % 250) + "." + std::to_string(i * 8 % 256) +
                                       "." + std::to_string(1 + i / 32 % 250));
        (void)wire.command("LOGIN " + login_.user + " " + login_.password);
        return wire;
    }
    void append(ImapWire& wire) {
        (void)wire.command_with_literal("APPEND " + mailbox_, message_of(number_, appended_++));
    }

    Login login_;
    const std::string mailbox_;
    const std::size_t number_;
    std::size_t connections_ = 0, appended_ = 0, rounds_ = 0, count_ = 0;
};

// The same for all, each on its thread.
void on_threads(std::vector<Client>& clients, const std::function<void(Client&)>& work) {
    std::mutex mutex;
    std::exception_ptr failure;
    std::vector<std::jthread> threads;
    for (auto& client : clients)
        threads.emplace_back([&] {
            try {
                work(client);
            } catch (const Error&) {
                const std::lock_guard lock(mutex);
                if (!failure) failure = std::current_exception();
            }
        });
    threads.clear();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

std::size_t commands_under_load(const Login& login, const std::string& mailbox, std::size_t clients, double seconds) {
    std::vector<Client> all;
    for (std::size_t i = 0; i < clients; ++i) all.emplace_back(login, mailbox, i);
    on_threads(all, [](Client& client) { client.fill(); });
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    on_threads(all, [end](Client& client) {
        while (Clock::now() < end) client.go_round(end);
    });
    std::size_t commands = 0;
    for (const auto& client : all) commands += client.count();
    return commands;
}

}  // namespace mox::bench
