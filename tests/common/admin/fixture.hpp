#pragma once

#include <string>

#include "admin/domains_file.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "config/validate.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

// An installation with two domains and two accounts, whose domains.conf has comments and an order of its own.
struct Installation {
    TempDir dir;
    std::filesystem::path file = dir / "config/mox.conf";

    explicit Installation(const std::string& more_settings = {}) {
        dir.write("config/mox.conf",
                  "DataDir: ../data\nLogLevel: info\nUser: 1001\nHostname: mail.mox.example\nListeners:\n\tpublic:\n"
                  "\t\tIPs:\n\t\t\t- 127.0.0.1\nPostmaster:\n\tAccount: ana\n\tMailbox: Postmaster\n" +
                      more_settings);
        dir.write("config/domains.conf", domains_text);
    }
    [[nodiscard]] admin::DomainsFile open() const { return admin::DomainsFile(file, std::chrono::seconds(10)); }
    [[nodiscard]] std::string text() const { return read_file(dir / "config/domains.conf"); }
    // Every error of the configuration as it is on disk.
    [[nodiscard]] std::string problems() const {
        auto config = config::read(file);
        config::validate(config);
        return config::render(config.problems);
    }
    [[nodiscard]] std::vector<std::string> names_in_config() const {
        std::vector<std::string> names;
        for (const auto& entry : list_directory(dir / "config")) names.push_back(entry.name);
        return names;
    }

    static constexpr std::string_view domains_text =
        "# Kept by hand.\n"
        "Domains:\n"
        "\t# The main one.\n"
        "\tmox.example:\n"
        "\t\tLocalpartCatchallSeparator: +\n"
        "\t\tDMARC:\n"
        "\t\t\tLocalpart: dmarc-reports\n"
        "\t\t\tAccount: ana\n"
        "\t\t\tMailbox: DMARC\n"
        "\tb\u00fccher.example: nil\n"
        "\n"
        "Accounts:\n"
        "\t# Leaves in May.\n"
        "\tben:\n"
        "\t\tDomain: mox.example\n"
        "\t\tDestinations:\n"
        "\t\t\t# Also on his card.\n"
        "\t\t\tben@mox.example: nil\n"
        "\t\t\tBen.Other@mox.example: nil\n"
        "\tana:\n"
        "\t\tDomain: mox.example\n"
        "\t\tDestinations:\n"
        "\t\t\tana@mox.example: nil\n";
};

struct Problem {
    std::optional<Errc> code;
    std::string text;
};
inline Problem problem_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    return {};
}

}  // namespace mox::test
