#include "broker/passphrase.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"

namespace entente::broker {

absl::StatusOr<crypto::Secret> ReadPassphraseFrom(int descriptor) {
  // One byte for the line feed, one to see that there is more.
  crypto::WipedArray<kMaxPassphraseBytes + 2> buffer;
  size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got =
        read(descriptor, buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, "cannot read passphrase");
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > 0 && buffer.data()[size - 1] == '\n') --size;
  if (size < kMinPassphraseBytes || size > kMaxPassphraseBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a passphrase has ", kMinPassphraseBytes, " to ",
                     kMaxPassphraseBytes, " bytes"));
  }
  return crypto::Secret::TakeFrom(absl::MakeSpan(buffer.data(), size));
}

absl::StatusOr<crypto::Secret> ReadPassphraseFile(const std::string& path) {
  if (absl::Status is_private = CheckPrivate(path); !is_private.ok()) {
    return is_private;
  }
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  const auto closing = absl::MakeCleanup([fd] { close(fd); });
  return ReadPassphraseFrom(fd);
}

}  // namespace entente::broker
