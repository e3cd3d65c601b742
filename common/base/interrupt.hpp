#pragma once

// "Has a signal asked us to stop?" The command framework installs the handlers; long loops call check_interrupt().

namespace mox {

// SIGINT, SIGTERM and SIGHUP set a flag; SIGPIPE is ignored, so that writing fails with EPIPE instead; SIGUSR1 asks for
// one progress line. A second SIGINT or SIGTERM within a stop that hangs has its default effect.
void install_signal_handlers();

// The number of the signal that asked to stop, 0 when none did. Callable from any thread.
[[nodiscard]] int interrupted_by() noexcept;

// Throws Interrupted when a signal asked to stop.
void check_interrupt();

// True once after each SIGUSR1.
[[nodiscard]] bool take_progress_request() noexcept;

// For tests: as if signal `number` had arrived; 0 forgets it.
void set_interrupted_by(int number) noexcept;

}  // namespace mox
