#include "client/shown_change.h"

#include "absl/strings/str_split.h"
#include "policy/diff_words.h"

namespace entente::client {

absl::StatusOr<VerifiedDocument> FetchDiffBase(const Connected& connected,
                                               const std::string& agreement,
                                               uint32_t version) {
  const auto fetch = [&](uint32_t which) {
    return FetchDocument(*connected.link, connected.profile,
                         connected.knowledge(), agreement, which);
  };
  auto previous = fetch(version - 1);
  if (!previous.ok() || previous->activation.has_value()) return previous;
  for (uint32_t earlier = version - 2; earlier > 0; --earlier) {
    auto active = fetch(earlier);
    if (!active.ok() || active->activation.has_value()) return active;
  }
  return previous;
}

void ShowChange(Session& session, const policy::Agreement& before,
                const policy::Agreement& after) {
  ShowText(session,
           policy::DiffInWords(before, after, policy::Diff(before, after)));
}

void ShowText(Session& session, const std::string& text) {
  if (session.out().for_people()) return session.out().PrintText(text);
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    session.out().Say(line);
  }
}

}  // namespace entente::client
