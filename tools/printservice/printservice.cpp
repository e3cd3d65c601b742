#include "tools/printservice/printservice.hpp"

#include <unistd.h>

#include <system_error>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "config/load.hpp"
#include "tools/shared/siblings.hpp"
#include "tools/shared/unit.hpp"

namespace mox::printservice {

namespace fs = std::filesystem;

namespace {

// Absolute, without "." and "..", without a slash at its end.
fs::path whole(const fs::path& path) {
    std::error_code error;
    fs::path absolute = fs::absolute(path, error).lexically_normal();
    if (error) throw Error(Errc::failed, "cannot tell the current directory: " + error.message());
    return absolute.has_filename() || !absolute.has_relative_path() ? absolute : absolute.parent_path();
}

fs::path server_program(const fs::path& directory) {
    if (const auto own = directory / "mox"; ::access(own.c_str(), X_OK) == 0 && !directory_exists(own)) return own;
    if (const auto sibling = tools::find_program("mox", "")) return *sibling;
    throw Error(Errc::not_found, "there is no program mox in " + quote(directory.native()) + " or beside this one",
                "name it with --program");
}

tools::Installation find_installation(const Options& options) {
    tools::Installation found{.directory = whole(options.directory.empty() ? "." : options.directory)};
    if (!directory_exists(found.directory))
        throw Error(Errc::not_found, "no directory " + quote(found.directory.native()));
    found.program = options.program.empty() ? server_program(found.directory) : whole(options.program);
    const fs::path file = found.directory / "config" / "mox.conf";
    found.config = file.parent_path();
    found.data = found.directory / "data";
    // Whoever may not read the configuration gets its usual place.
    if (status_of(file) && ::access(file.c_str(), R_OK) == 0) {
        const auto config = config::read(file);
        if (!config.paths.data.empty()) found.data = whole(config.paths.data);
        if (!config.settings.user.empty()) found.user = config.settings.user;
    }
    return found;
}

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("DIR", options.directory, "Directory of the installation, with its folder config; default: here.")
        .type_name("DIR");
    app.add_option("--program", options.program,
                   "The program mox to start; default: the one in DIR, else the one beside mox-printservice.")
        .type_name("FILE");
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    const std::string text = tools::unit_for(find_installation(options));
    out.result(cli::Record("service", "{text:raw}").set("text", text.substr(0, text.size() - 1)));
    return cli::Exit::ok;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "printservice",
         .summary = "Print the systemd unit that starts the server.",
         .description = "The unit is for the installation in DIR: it starts the server there as root, and lets it do "
                        "little beyond what a mail server needs. Nothing is installed or changed.",
         .examples = {{"mox-printservice > /etc/systemd/system/mox.service", "For an installation in this directory."},
                      {"mox-printservice --program /usr/local/bin/mox /home/mox", "For another one."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found}},
        add_options, run);
}

}  // namespace mox::printservice
