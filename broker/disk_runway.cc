#include "broker/disk_runway.h"

#include <sys/statvfs.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace entente::broker {

absl::StatusOr<uint64_t> AvailableBytes(const std::string& path) {
  struct statvfs found = {};
  if (statvfs(path.c_str(), &found) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  }
  return static_cast<uint64_t>(found.f_bavail) * found.f_frsize;
}

void DiskRunway::Sample(absl::Time now, uint64_t available) {
  absl::MutexLock lock(&mu_);
  if (!points_.empty() && now < points_.back().at) points_.clear();
  if (!points_.empty() && now - points_.back().at < kInterval) return;
  points_.push_back({now, available});
  while (now - points_.front().at > kWindow) points_.pop_front();
}

absl::Duration DiskRunway::Left() const {
  absl::MutexLock lock(&mu_);
  if (points_.empty()) return absl::InfiniteDuration();
  const Point& first = points_.front();
  const Point& last = points_.back();
  if (last.at - first.at < kLeast || last.available >= first.available) {
    return absl::InfiniteDuration();
  }
  const auto shrunk = static_cast<double>(first.available - last.available);
  return (last.at - first.at) * (static_cast<double>(last.available) / shrunk);
}

}  // namespace entente::broker
