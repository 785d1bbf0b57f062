#include "client/mirror_parts.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "client/mirror_files.h"
#include "crypto/checkpoint.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

constexpr char kAcceptedFile[] = "accepted";
constexpr size_t kMaxDigestBytes = 128;

// The checkpoint of the mirror in `folder`, under its key; size 0 if there is
// none.
absl::StatusOr<KeptCheckpoint> HeadOf(const std::string& folder,
                                      const crypto::NoteKey& key,
                                      uint32_t part) {
  KeptCheckpoint head;
  head.part = part;
  const absl::StatusOr<std::string> note =
      ReadFile(absl::StrCat(folder, "/checkpoint"), crypto::kMaxNoteBytes);
  if (absl::IsNotFound(note.status())) return head;
  if (!note.ok()) return note.status();
  const auto opened = crypto::OpenCheckpoint(*note, key);
  if (!opened.ok()) {
    return VerificationError(absl::StrCat(folder, "/checkpoint was altered"),
                             std::string(opened.status().message()));
  }
  head.size = opened->size;
  head.root = opened->root;
  head.note = *note;
  return head;
}

// One mirror of a ledger's parts being brought up to date.
class PartsMirror {
 public:
  PartsMirror(LedgerParts* parts, const crypto::NoteKey& key,
              absl::string_view ledger, std::string folder)
      : parts_(*parts),
        key_(key),
        ledger_(ledger),
        folder_(std::move(folder)) {}

  // The way from the first part to `newest`.
  absl::StatusOr<ContinuedLedger> Follow(absl::string_view newest) {
    return FollowParts(parts_, key_, ledger_, KeptCheckpoint(), newest);
  }

  // Fails as CheckWhole if a part's folder holds more than the way vouches for,
  // unless that was accepted before or is by `accepted`. Returns the digests to
  // be kept, by the number of the part.
  absl::StatusOr<std::map<uint32_t, std::string>> CheckHeld(
      const ContinuedLedger& way, const std::string& accepted) {
    std::map<uint32_t, std::string> kept;
    size_t next = 0;
    for (uint32_t part = 0; part < way.parts.back().part; ++part) {
      while (way.parts[next].part <= part) ++next;
      const KeptCheckpoint& last = way.parts[next - 1];
      const auto key = PartKey(key_, part);
      if (!key.ok()) return key.status();
      const auto held = HeadOf(PartFolder(folder_, part), *key, part);
      if (!held.ok()) return held.status();
      const uint64_t vouched = last.part == part ? last.size : 0;
      if (held->size <= vouched) continue;
      const uint32_t after = way.parts[next].part;
      const auto before = AcceptedDigest(PartFolder(folder_, after));
      if (before.ok() && *before == way.digests.at(after)) continue;
      if (!before.ok() && !absl::IsNotFound(before.status())) {
        return before.status();
      }
      if (accepted != way.digest()) {
        return CheckWhole(Lost(way, *held, last, vouched));
      }
      kept[after] = way.digests.at(after);
    }
    return kept;
  }

  // `end` is null for the part that takes entries. A part whose folder holds
  // more than its end is left alone.
  absl::StatusOr<MirroredPart> Mirror(uint32_t part,
                                      const KeptCheckpoint* end) {
    const std::string name = policy::PartName(ledger_, part);
    const std::string folder = PartFolder(folder_, part);
    const auto key = PartKey(key_, part);
    if (!key.ok()) return key.status();
    const auto held = HeadOf(folder, *key, part);
    if (!held.ok()) return held.status();
    if (end != nullptr && !held->note.empty() && held->size >= end->size) {
      if (held->size == end->size && held->root != end->root) {
        return VerificationError(
            absl::StrCat("the ledger does not continue what ", folder,
                         " holds"),
            absl::StrCat("it was closed with another root at size ",
                         end->size));
      }
      return MirroredPart{name, folder, {held->size, 0, held->root}};
    }
    const auto result = MirrorLedger(parts_.Part(name), folder, *key);
    if (!result.ok()) return result.status();
    if (end != nullptr &&
        (result->size != end->size || result->root != end->root)) {
      return VerificationError(
          absl::StrCat("the ledger ", name, " is not what it was closed with"),
          absl::StrCat("it was closed at size ", end->size));
    }
    return MirroredPart{name, folder, *result};
  }

 private:
  // `way` as who holds `held` sees it; `last` is the end of the part before.
  static ContinuedLedger Lost(const ContinuedLedger& way,
                              const KeptCheckpoint& held,
                              const KeptCheckpoint& last, uint64_t vouched) {
    ContinuedLedger lost = way;
    lost.known = held;
    lost.lost_begin = vouched;
    lost.lost_end = held.size;
    lost.says.size = last.size;
    lost.parts.front() = last;
    return lost;
  }

  LedgerParts& parts_;
  const crypto::NoteKey& key_;
  const std::string ledger_;
  const std::string folder_;
};

}  // namespace

std::string PartFolder(absl::string_view folder, uint32_t part) {
  while (folder.size() > 1 && absl::ConsumeSuffix(&folder, "/")) {
  }
  std::filesystem::path path{std::string(folder)};
  if (part > 0 && (path.filename() == "." || path.filename() == "..")) {
    // Beside it is outside of it.
    path = std::filesystem::absolute(path / "").lexically_normal();
    path = path.parent_path();
  }
  return policy::PartName(path.string(), part);
}

absl::StatusOr<std::vector<uint32_t>> MirroredLater(const std::string& folder) {
  const std::filesystem::path next =
      std::filesystem::absolute(PartFolder(folder, 1));
  // Without the `.1`.
  const std::string name = next.stem().string();
  std::vector<uint32_t> parts;
  std::error_code failed;
  for (auto at =
           std::filesystem::directory_iterator(next.parent_path(), failed);
       !failed && at != std::filesystem::directory_iterator();
       at.increment(failed)) {
    const std::string beside = at->path().filename().string();
    if (beside.size() <= name.size() || beside.rfind(name + ".", 0) != 0) {
      continue;
    }
    const auto part = policy::ParsePartName("x" + beside.substr(name.size()));
    if (part.ok() &&
        std::filesystem::exists(at->path() / "checkpoint", failed)) {
      parts.push_back(part->part);
    }
  }
  if (failed) {
    return absl::UnavailableError(absl::StrCat(
        "cannot list ", next.parent_path().string(), ": ", failed.message()));
  }
  std::sort(parts.begin(), parts.end());
  return parts;
}

absl::StatusOr<std::string> AcceptedDigest(const std::string& folder) {
  const auto read =
      ReadFile(absl::StrCat(folder, "/", kAcceptedFile), kMaxDigestBytes);
  if (!read.ok()) return read.status();
  return std::string(absl::StripSuffix(*read, "\n"));
}

absl::StatusOr<std::vector<MirroredPart>> MirrorParts(
    LedgerParts& parts, const crypto::NoteKey& key, absl::string_view ledger,
    absl::string_view newest, const std::string& folder,
    const std::string& accepted) {
  PartsMirror mirror(&parts, key, ledger, folder);
  std::vector<MirroredPart> mirrored;
  if (newest == ledger) {
    auto only = mirror.Mirror(0, nullptr);
    if (!only.ok()) return only.status();
    mirrored.push_back(*std::move(only));
    return mirrored;
  }
  const auto way = mirror.Follow(newest);
  if (!way.ok()) return way.status();
  const auto kept = mirror.CheckHeld(*way, accepted);
  if (!kept.ok()) return kept.status();
  for (const KeptCheckpoint& end : way->parts) {
    const bool is_open = &end == &way->parts.back();
    auto part = mirror.Mirror(end.part, is_open ? nullptr : &end);
    if (!part.ok()) return part.status();
    mirrored.push_back(*std::move(part));
  }
  for (const auto& [part, digest] : *kept) {
    const absl::Status written =
        WriteDurably(absl::StrCat(PartFolder(folder, part), "/", kAcceptedFile),
                     absl::StrCat(digest, "\n"), 0644);
    if (!written.ok()) return written;
  }
  return mirrored;
}

}  // namespace entente::client
