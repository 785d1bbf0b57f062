#include <chrono>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "crypto/sha.h"
#include "policy/check.h"
#include "policy/diff.h"
#include "policy/diff_registers.h"
#include "policy/overlaps.h"
#include "tests/bench/parts.h"

namespace entente::bench {
namespace {

constexpr size_t kCompared = 10'000;
constexpr size_t kChanged = 100;      // of them, from one register to the next
constexpr size_t kOverlapping = 200;  // of them, in pairs

using Steady = std::chrono::steady_clock;
using Compiled = std::shared_ptr<const policy::CompiledAgreement>;

double SecondsFrom(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

std::string NumberedId(const policy::Agreement& like, size_t number) {
  return absl::StrCat(like.id, "-", number);
}

crypto::Hash AnyDigest(size_t number) {
  return crypto::Sha256(absl::StrCat(number));
}

Line LineOf(const char* id, const char* what, double seconds, double floor,
            const char* against) {
  return {
      id,     what, kCompared / seconds, "agreements per s", kCompared / floor,
      against};
}

absl::StatusOr<Line> MeasureDiff(const policy::Agreement& like) {
  std::vector<Compiled> all;
  std::vector<const policy::CompiledAgreement*> before;
  for (size_t i = 0; i < kCompared; ++i) {
    policy::Agreement agreement = like;
    agreement.id = NumberedId(like, i);
    all.push_back(
        *policy::CompiledAgreement::Create(std::move(agreement), AnyDigest(i)));
    before.push_back(all.back().get());
  }
  std::vector<const policy::CompiledAgreement*> after = before;
  for (size_t i = 0; i < kChanged; ++i) {
    policy::Agreement agreement = all[i]->document();
    agreement.flows[0].retention.days += 1;
    agreement.flows[0].methods = {policy::Method::kExtract};
    all.push_back(*policy::CompiledAgreement::Create(std::move(agreement),
                                                     AnyDigest(kCompared + i)));
    after[i] = all.back().get();
  }
  auto begin = Steady::now();
  const auto changes = policy::DiffRegisters(before, after);
  const double seconds = SecondsFrom(begin);
  if (changes.size() != kChanged) {
    return absl::InternalError("not every change was found");
  }
  begin = Steady::now();
  size_t told = 0;
  for (size_t i = 0; i < kChanged; ++i) {
    told += policy::Diff(before[i]->document(), after[i]->document()).empty()
                ? 0
                : 1;
  }
  const double floor = SecondsFrom(begin);
  if (told != kChanged) return absl::InternalError("a change was not told");
  return LineOf("register_diff_10000",
                "two registers of 10,000, 100 changed (asked: 0.5 s)", seconds,
                floor, "the 100 that changed, one by one");
}

void Rename(std::vector<std::string>* names, size_t number) {
  for (std::string& name : *names) absl::StrAppend(&name, "-", number);
}

// What nobody who looks for overlaps can leave out: every sender and recipient
// counted, in a table.
double SecondsToCount(const std::vector<policy::Agreement>& all) {
  const auto begin = Steady::now();
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, size_t>
      count;
  for (const policy::Agreement& agreement : all) {
    for (const policy::Flow& flow : agreement.flows) {
      for (const std::string& from : flow.from) {
        for (const std::string& to : flow.to) ++count[{from, to}];
      }
    }
  }
  return count.empty() ? 0 : SecondsFrom(begin);
}

absl::StatusOr<Line> MeasureOverlaps(const policy::Agreement& like) {
  std::vector<policy::Agreement> all;
  for (size_t i = 0; i < kCompared; ++i) {
    policy::Agreement& agreement = all.emplace_back(like);
    agreement.id = NumberedId(like, i);
    const size_t of = i < kOverlapping ? i / 2 : i;
    for (policy::Flow& flow : agreement.flows) {
      Rename(&flow.from, of);
      Rename(&flow.to, of);
    }
  }
  std::vector<const policy::Agreement*> agreements;
  for (const policy::Agreement& one : all) agreements.push_back(&one);
  const double floor = SecondsToCount(all);
  const auto begin = Steady::now();
  const auto overlaps = policy::OverlapsOf(agreements);
  const double seconds = SecondsFrom(begin);
  if (overlaps.size() < kOverlapping / 2) {
    return absl::InternalError("not every overlap was found");
  }
  return LineOf("register_overlaps_10000",
                "10,000 agreements, overlaps (asked: 1 s)", seconds, floor,
                "who sends to whom counted in a hash table");
}

}  // namespace

absl::Status MeasureOverviews(const std::string& templates,
                              std::vector<Line>* lines) {
  const auto like = ReadTemplate(templates);
  if (!like.ok()) return like.status();
  for (const auto measure : {MeasureDiff, MeasureOverlaps}) {
    auto line = measure(*like->agreement);
    if (!line.ok()) return line.status();
    lines->push_back(*std::move(line));
  }
  return absl::OkStatus();
}

}  // namespace entente::bench
