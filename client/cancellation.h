// Ending calls from another thread.
#ifndef ENTENTE_CLIENT_CANCELLATION_H_
#define ENTENTE_CLIENT_CANCELLATION_H_

#include <functional>
#include <memory>

namespace entente::client {

// Handed to calls, which end soon after Cancel(). Once cancelled it stays so.
// Thread-safe; copies are the same cancellation.
class Cancellation {
 public:
  Cancellation();

  // Returns without waiting for the calls to end. Not for signal handlers.
  void Cancel() const;
  bool cancelled() const;

  // For the library: while this lives, Cancel() runs `stop`, which must be
  // brief; at once if it was cancelled before. Destruction waits for `stop`.
  class Watch {
   public:
    Watch(const Cancellation& cancellation, std::function<void()> stop);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_CANCELLATION_H_
