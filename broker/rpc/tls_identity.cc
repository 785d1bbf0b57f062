#include "broker/rpc/tls_identity.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace entente::broker {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
constexpr int kWarnDays = 30;

absl::Status Failed(absl::string_view doing) {
  return absl::UnavailableError(absl::StrCat(
      "cannot ", doing, " an anonymous file: ", std::strerror(errno)));
}

absl::Status WriteAll(int fd, absl::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write");
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

std::string Until(const certs::Certificate& certificate) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", certificate.NotAfter(),
                          absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<std::unique_ptr<TlsIdentity>> TlsIdentity::Open(
    const Config& config, const Clock* clock, JsonLog* log) {
  std::unique_ptr<TlsIdentity> identity(new TlsIdentity(config, clock, log));
  identity->judged_ = identity->seen_ = identity->Stat();
  absl::StatusOr<TlsPair> pair = ReadTlsPair(config, clock->Now());
  if (!pair.ok()) return pair.status();
  if (absl::Status published = identity->Publish(*std::move(pair));
      !published.ok()) {
    return published;
  }
  return identity;
}

TlsIdentity::~TlsIdentity() {
  if (published_ >= 0) close(published_);
}

std::shared_ptr<grpc::experimental::CertificateProviderInterface>
TlsIdentity::Provider() const {
  // Key and certificates stand in one file, so that they change together.
  const std::string path = absl::StrCat("/proc/self/fd/", published_);
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      path, path, kProviderSeconds);
}

TlsIdentity::Stamps TlsIdentity::Stat() const {
  Stamps stamps;
  size_t next = 0;
  for (const std::string* path : {&config_.certificate, &config_.private_key}) {
    Stamp& stamp = stamps[next++];
    struct stat found = {};
    if (stat(path->c_str(), &found) != 0) continue;
    stamp = {found.st_dev, found.st_ino, found.st_size,
             found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec};
  }
  return stamps;
}

absl::Status TlsIdentity::Publish(TlsPair pair) {
  const int fd = memfd_create("entente-tls", MFD_CLOEXEC);
  if (fd < 0) return Failed("make");
  auto closing = absl::MakeCleanup([fd] { close(fd); });
  for (const std::string* part : {&pair.key_pem, &pair.certificate_pem}) {
    for (const absl::string_view text :
         {absl::string_view(*part), absl::string_view("\n")}) {
      if (absl::Status written = WriteAll(fd, text); !written.ok()) {
        return written;
      }
    }
  }
  // gRPC reads the file twice and compares its time, in seconds, to see that it
  // was one file: each has another.
  ++generation_;
  const timespec times[2] = {{generation_, 0}, {generation_, 0}};
  if (futimens(fd, times) != 0) return Failed("date");
  if (published_ < 0) {
    published_ = fd;
    std::move(closing).Cancel();
  } else if (dup3(fd, published_, O_CLOEXEC) < 0) {
    return Failed("swap");
  }
  const absl::MutexLock lock(&mu_);
  current_ = std::move(pair);
  return absl::OkStatus();
}

TlsPair TlsIdentity::Pair() const {
  const absl::MutexLock lock(&mu_);
  return current_;
}

certs::Certificate TlsIdentity::Current() const { return Pair().leaf(); }

void TlsIdentity::Look(absl::Time now) {
  const bool asked = asked_.exchange(false);
  if (!asked && now < next_look_) return;
  next_look_ = now + kCertificateLookInterval;
  const Stamps stamps = Stat();
  const bool still = stamps == seen_;
  seen_ = stamps;
  if (asked || (still && stamps != judged_)) {
    judged_ = stamps;
    Reload();
  }
  WarnOfEnd();
}

void TlsIdentity::Reload() {
  const TlsPair current = Pair();
  absl::StatusOr<TlsPair> next = ReadTlsPair(config_, clock_.Now());
  absl::Status accepted = next.status();
  if (accepted.ok()) accepted = CheckSuccessor(current, *next);
  if (accepted.ok() && next->certificate_pem == current.certificate_pem &&
      next->key_pem == current.key_pem) {
    log_.Info("certificate_unchanged",
              {{"fingerprint", current.leaf().Fingerprint()},
               {"not_after", Until(current.leaf())}});
    return;
  }
  if (accepted.ok()) accepted = Publish(*std::move(next));
  if (!accepted.ok()) {
    log_.Error("certificate_refused",
               {{"reason", accepted.message()},
                {"certificate", config_.certificate},
                {"still_serving", current.leaf().Fingerprint()},
                {"not_after", Until(current.leaf())}});
    return;
  }
  const certs::Certificate renewed = Current();
  log_.Info("certificate_renewed", {{"fingerprint", renewed.Fingerprint()},
                                    {"not_after", Until(renewed)},
                                    {"before", current.leaf().Fingerprint()}});
  next_warning_ = absl::InfinitePast();
}

void TlsIdentity::WarnOfEnd() {
  const absl::Time now = clock_.Now();
  const certs::Certificate current = Current();
  const absl::Duration left = current.NotAfter() - now;
  if (left > kDay * kWarnDays || now < next_warning_) return;
  next_warning_ = now + kDay;
  log_.Warning("certificate_expires", {{"days", absl::ToInt64Hours(left) / 24},
                                       {"not_after", Until(current)},
                                       {"certificate", config_.certificate}});
}

}  // namespace entente::broker
