#include "client/progress.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::client {
namespace {

constexpr absl::Duration kBetween = absl::Milliseconds(200);
// Before so much is done, a guess of the rest is worth nothing.
constexpr double kLeastShare = 0.01;

std::string WithThousands(uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

std::string Roughly(absl::Duration left) {
  const int64_t seconds = absl::ToInt64Seconds(left);
  if (seconds < 60) return absl::StrCat(seconds, " s");
  if (seconds < 3600) return absl::StrCat((seconds + 30) / 60, " min");
  return absl::StrCat((seconds + 1800) / 3600, " h");
}

}  // namespace

std::string ProgressText(const std::string& doing, uint64_t rows,
                         std::optional<double> share, absl::Duration elapsed) {
  std::string text = absl::StrCat(doing, " ", WithThousands(rows), " rows");
  const double seconds = absl::ToDoubleSeconds(elapsed);
  if (seconds >= 1) {
    absl::StrAppend(
        &text, ", ",
        WithThousands(static_cast<uint64_t>(double(rows) / seconds)),
        " a second");
  }
  if (seconds >= 1 && share.has_value() && *share >= kLeastShare) {
    absl::StrAppend(&text, ", about ",
                    Roughly(elapsed * ((1 - *share) / *share)), " left");
  }
  return text;
}

Progress::Progress(std::ostream* to, std::string doing,
                   std::function<absl::Time()> now)
    : to_(to), doing_(std::move(doing)), now_(std::move(now)), begun_(now_()) {}

Progress::~Progress() { Clear(); }

void Progress::Show(uint64_t rows, std::optional<double> share) {
  if (to_ == nullptr) return;
  const absl::Time now = now_();
  if (now - shown_ < kBetween) return;
  shown_ = now;
  const std::string text = ProgressText(doing_, rows, share, now - begun_);
  *to_ << '\r' << text
       << std::string(width_ - std::min(width_, text.size()), ' ')
       << std::flush;
  width_ = text.size();
}

void Progress::Clear() {
  if (to_ == nullptr || width_ == 0) return;
  *to_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
  width_ = 0;
}

}  // namespace entente::client
