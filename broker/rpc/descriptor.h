// A file descriptor that is closed with its owner.
#ifndef ENTENTE_BROKER_RPC_DESCRIPTOR_H_
#define ENTENTE_BROKER_RPC_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace entente::broker {

class Descriptor {
 public:
  Descriptor() = default;
  // Takes `fd`; -1: none.
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { Reset(); }

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  // The caller closes it.
  int Release() { return std::exchange(fd_, -1); }
  void Reset() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_RPC_DESCRIPTOR_H_
