#include "server/ctl/session.hpp"

#include <new>
#include <utility>

namespace mox::ctl {

namespace {

class ChannelOutput final : public Output {
public:
    explicit ChannelOutput(net::Channel& channel) : channel_(channel) {}
    void line(std::string_view text) override {
        if (text.size() > max_frame_bytes) throw Error(Errc::failed, "a result is too long for the control socket");
        channel_.send(encode(FrameKind::line, text));
    }
    void warning(std::string_view message, std::string_view hint) override {
        channel_.send(encode_warning(message, hint));
    }

private:
    net::Channel& channel_;
};

}  // namespace

net::Reply Session::start() {
    if (user_ && !environment_.users.contains(*user_))
        return refuse(Error(Errc::failed, "the control socket is for the server's user and root"));
    return {};
}

net::Reply Session::feed(std::string_view bytes) try {
    auto request = reader_.feed(bytes);
    if (!request) return {};
    return {.next = net::Next::work,
            .job = {.strand = {},
                    .run = [this, asked = std::move(*request)](net::Channel& channel) { run(asked, channel); }}};
} catch (const Error& error) {
    return refuse(error);
}

net::Reply Session::resume() {
    return {.next = net::Next::close};
}

void Session::run(const Request& request, net::Channel& channel) {
    log_.info("command", {{"command", request.command}});  // arguments may be passwords
    ChannelOutput output(channel);
    std::string ending;
    try {
        ending = encode_exit(environment_.commands.run(environment_.context, request, output));
    } catch (const Error& error) {
        ending = encode_error(error);
    } catch (const std::bad_alloc&) {
        ending = encode_error(Error(Errc::failed, "not enough memory"));
    } catch (const std::exception& bug) {
        log_.error("a command failed", {{"command", request.command}, {"err", bug.what()}});
        ending = encode_error(Error(Errc::failed, std::string("internal error: ") + bug.what()));
    }
    channel.send(std::move(ending));
}

net::Reply Session::refuse(const Error& error) {
    log_.info("request refused", {{"err", error.what()}});
    return {.output = encode_error(error), .next = net::Next::close};
}

std::string Session::farewell(net::Farewell why) {
    return encode_error(Error(Errc::failed, why == net::Farewell::idle || why == net::Farewell::not_in_time
                                                ? "no request came in time"
                                                : "the server is stopping"));
}

std::chrono::seconds Session::patience() const {
    return std::chrono::seconds(10);
}

std::optional<std::chrono::seconds> Session::time_limit() const {
    return std::chrono::seconds(60);  // for the request; while it is worked on, nothing is read
}

}  // namespace mox::ctl
