#pragma once

#include <string>
#include <string_view>

namespace mox::process {

// Tells the service manager how the server is doing: sd_notify(3), a datagram to $NOTIFY_SOCKET. Without one, or when
// it cannot be reached, nothing happens.
class Notifier {
public:
    Notifier();  // takes the variable from the environment
    void ready() const { send("READY=1"); }
    void reloading() const;
    void stopping() const { send("STOPPING=1"); }

private:
    void send(std::string_view state) const;
    std::string path_;
};

}  // namespace mox::process
