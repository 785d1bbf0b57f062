#include "client/entry_search.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/error.h"
#include "client/mirror_parts.h"

namespace entente::client {
namespace {

// How often an index that is being made says so, in entries.
constexpr uint64_t kSayEvery = 100'000;

// `filter` within one part, from where the page begins.
EntryFilter Within(const SearchPlan& plan, uint32_t part, uint64_t size) {
  EntryFilter filter = plan.filter;
  if (plan.from.has_value() && plan.from->part == part) {
    if (plan.order == Order::kNewestFirst) {
      filter.last = std::min(filter.last, plan.from->index);
    } else {
      filter.first = std::max(filter.first, plan.from->index);
    }
  }
  filter.last = std::min(filter.last, size == 0 ? 0 : size - 1);
  return filter;
}

bool IsBeforePage(const SearchPlan& plan, uint32_t part) {
  if (!plan.from.has_value()) return false;
  return plan.order == Order::kNewestFirst ? part > plan.from->part
                                           : part < plan.from->part;
}

// One part being searched for a page.
class PartSearch {
 public:
  PartSearch(ReadablePart* part, const SearchPlan* plan, SearchPage* page)
      : part_(*part),
        plan_(*plan),
        page_(*page),
        filter_(Within(*plan, part->part, part->log->size())) {}

  absl::Status Run() {
    if (part_.log->size() == 0 || filter_.first > filter_.last) {
      return absl::OkStatus();
    }
    if (part_.folder.empty()) return Scan();
    const auto index =
        MirrorIndex::Open(part_.folder, *part_.log, [this](uint64_t entries) {
          if (entries % kSayEvery != 0 || plan_.say == nullptr) return;
          plan_.say(absl::StrCat("indexed ", entries, " of ", part_.log->size(),
                                 " entries"));
        });
    if (absl::IsDataLoss(index.status())) return index.status();
    if (index.ok()) return FromIndex(**index);
    if (plan_.say != nullptr) {
      plan_.say(
          absl::StrCat("no index can be kept in ", part_.folder,
                       ", so every entry is read: ", index.status().message()));
    }
    return Scan();
  }

 private:
  // Whether the page is full; then notes where the next begins.
  bool IsFull(uint64_t index) {
    if (page_.found.size() < plan_.limit) return false;
    page_.next = Place{part_.part, index};
    return true;
  }

  absl::Status FromIndex(MirrorIndex& index) {
    const auto places =
        index.Find(filter_, plan_.order, plan_.limit - page_.found.size() + 1);
    if (!places.ok()) return places.status();
    for (const uint64_t place : *places) {
      if (absl::Status taken = Take(place); !taken.ok()) return taken;
      if (page_.next.has_value()) break;
    }
    return absl::OkStatus();
  }

  absl::Status Scan() {
    const uint64_t count = filter_.last - filter_.first + 1;
    for (uint64_t i = 0; i < count && !page_.next.has_value(); ++i) {
      const uint64_t index = plan_.order == Order::kNewestFirst
                                 ? filter_.last - i
                                 : filter_.first + i;
      if (absl::Status taken = Take(index); !taken.ok()) return taken;
    }
    return absl::OkStatus();
  }

  absl::Status Take(uint64_t index) {
    absl::StatusOr<FoundEntry> entry =
        ReadEntry(*part_.log, {part_.part, index});
    if (!entry.ok()) return entry.status();
    if (filter_.Matches(index, entry->entry) && !IsFull(index)) {
      page_.found.push_back(*std::move(entry));
    }
    return absl::OkStatus();
  }

  ReadablePart& part_;
  const SearchPlan& plan_;
  SearchPage& page_;
  const EntryFilter filter_;
};

}  // namespace

absl::StatusOr<std::vector<ReadablePart>> OpenMirrorParts(
    const std::string& folder) {
  std::vector<uint32_t> numbers = {0};
  const absl::StatusOr<std::vector<uint32_t>> later = MirroredLater(folder);
  if (!later.ok()) return later.status();
  numbers.insert(numbers.end(), later->begin(), later->end());
  std::vector<ReadablePart> parts;
  for (const uint32_t part : numbers) {
    const std::string name = PartFolder(folder, part);
    absl::StatusOr<std::unique_ptr<ProvedLog>> log =
        OpenMirror(name, std::nullopt);
    if (!log.ok()) return log.status();
    parts.push_back({part, name, *std::move(log)});
  }
  return parts;
}

std::string PlaceText(const Place& place) {
  return absl::StrCat(place.part, ":", place.index);
}

absl::StatusOr<Place> ParsePlace(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  Place place;
  if (!absl::SimpleAtoi(ends.first, &place.part) ||
      !absl::SimpleAtoi(ends.second, &place.index) ||
      PlaceText(place) != text) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no place in a ledger"));
  }
  return place;
}

absl::StatusOr<FoundEntry> ReadEntry(ProvedLog& log, const Place& place) {
  absl::StatusOr<std::string> line = log.Line(place.index);
  if (!line.ok()) return line.status();
  absl::StatusOr<policy::LedgerEntry> entry = policy::ParseEntry(*line);
  if (!entry.ok()) {
    return VerificationError(
        absl::StrCat("entry ", place.index, " of ", log.checkpoint().origin,
                     " is no ledger entry"),
        std::string(entry.status().message()));
  }
  return FoundEntry{place, *std::move(line), *std::move(entry)};
}

absl::StatusOr<SearchPage> SearchParts(std::vector<ReadablePart>& parts,
                                       const SearchPlan& plan) {
  SearchPage page;
  std::vector<ReadablePart*> way;
  for (ReadablePart& part : parts) way.push_back(&part);
  if (plan.order == Order::kNewestFirst) std::reverse(way.begin(), way.end());
  for (ReadablePart* part : way) {
    if (IsBeforePage(plan, part->part)) continue;
    if (absl::Status run = PartSearch(part, &plan, &page).Run(); !run.ok()) {
      return run;
    }
    if (page.next.has_value()) break;
  }
  return page;
}

absl::Status ForEachEntry(
    std::vector<ReadablePart>& parts, const EntryFilter& filter,
    const std::function<absl::Status(const FoundEntry&)>& visit) {
  for (ReadablePart& part : parts) {
    for (uint64_t index = filter.first;
         index < part.log->size() && index <= filter.last; ++index) {
      const absl::StatusOr<FoundEntry> entry =
          ReadEntry(*part.log, {part.part, index});
      if (!entry.ok()) return entry.status();
      if (!filter.Matches(index, entry->entry)) continue;
      if (absl::Status visited = visit(*entry); !visited.ok()) return visited;
    }
  }
  return absl::OkStatus();
}

}  // namespace entente::client
