#include "policy/blank_agreement.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "policy/blank_parts.h"

namespace entente::policy {
namespace {

constexpr absl::string_view kHead =
    R"(# yaml-language-server: $schema=sharing-agreement.schema.json
#
# Line 1 is for editors; `entente agreement schema` writes that file.
#
# Fill every blank, a key with nothing behind it, and put each party's agency id
# in place of the names in CAPITALS. Change, add and take out what your
# agreement needs: the data below is an example. `entente agreement check` names
# every blank that is left, with its line. Comments are not signed.
#
# Each party's data protection officer decides the law. What stands in brackets
# is an example of the form, not advice.

schema: sharing-agreement/v1
id:                        # for life: isa- and a name, such as isa-northmere-burglary
version: 1
kind: $KIND
title:                     # one line
summary:                   # 20 to 1,200 characters in plain words, fit to publish

broker:                    # `entente profile show` has both; every signatory signs for them
  name:
  ledger_key:

)";

constexpr absl::string_view kParty = R"(  $PARTY:
    name:                  # in full, as the law knows it
    capacity: $CAPACITY
    regime: $REGIME
    contact:               # a role mailbox, not a person
    root:                  # SHA-256 of its root's key: `entente agency show $PARTY`
)";

constexpr absl::string_view kOverseers = R"(
# overseers:               # may read the ledger, and nothing else
#   ethics-panel:
#     name:
#     root:
#     contact:

)";

constexpr absl::string_view kValid = R"(
valid:                     # days, as "2027-04-01", in UTC
  from:                    # from 00:00 of this day
  until:                   # up to 00:00 of this day
  review_by:
)";

constexpr absl::string_view kGovernance = R"(
governance:
  owner:                   # a post
  dpia:                    # the data protection impact assessment
    ref:
    date:                  # before valid.from
    review_by:
)";

constexpr absl::string_view kArrangement =
    R"(  arrangement:             # between the joint controllers (UK GDPR Art 26, DPA 2018 s.58)
)";

constexpr absl::string_view kEthics =
    R"(  ethics:                  # the ethics approval
    ref:
    date:                  # before valid.from
)";

constexpr absl::string_view kTail =
    R"(  suspend: any_party       # or owner: who may suspend the whole agreement
  notice_days: 30
  breach_notice_hours: 24
  publish: summary         # or full, or withheld

signatories:               # every party at least once; one key fills one line
)";

constexpr absl::string_view kSignatory = R"(  - party: $PARTY
    role:                  # a post
    name:                  # the name in that post's certificate
)";

BlankParts PartsOf(AgreementKind kind) {
  switch (kind) {
    case AgreementKind::kInterForce:
      return BlankForces();
    case AgreementKind::kSafeguardingHub:
      return BlankHub();
    case AgreementKind::kPolicePrivate:
      return BlankPrivate();
    case AgreementKind::kAcademicResearch:
      return BlankResearch();
  }
  return {};
}

std::string PartyLines(const BlankParty& party) {
  return absl::StrReplaceAll(kParty, {{"$PARTY", party.name},
                                      {"$CAPACITY", WordOf(party.capacity)},
                                      {"$REGIME", WordOf(party.regime)}});
}

}  // namespace

std::vector<std::string> BlankPartiesOf(AgreementKind kind) {
  std::vector<std::string> names;
  for (BlankParty& party : PartsOf(kind).parties) {
    names.push_back(std::move(party.name));
  }
  return names;
}

std::string BlankAgreement(AgreementKind kind,
                           absl::Span<const std::string> parties) {
  const BlankParts parts = PartsOf(kind);
  std::string text = absl::StrReplaceAll(kHead, {{"$KIND", WordOf(kind)}});
  text += "parties:\n";
  for (const BlankParty& party : parts.parties) text += PartyLines(party);
  absl::StrAppend(&text, kOverseers, parts.data, "\n", parts.onward,
                  "\nhandling:\n", parts.handling, kValid);
  if (parts.research) text += "  project_end:             # not after until\n";
  const bool joint = std::any_of(
      parts.parties.begin(), parts.parties.end(), [](const BlankParty& party) {
        return party.capacity == Capacity::kJointController;
      });
  absl::StrAppend(&text, kGovernance, parts.research ? kEthics : "",
                  joint ? kArrangement : "", kTail);
  for (const BlankParty& party : parts.parties) {
    text += absl::StrReplaceAll(kSignatory, {{"$PARTY", party.name}});
  }
  std::vector<std::pair<std::string, std::string>> filled;
  for (size_t i = 0; i < std::min(parties.size(), parts.parties.size()); ++i) {
    filled.emplace_back(parts.parties[i].name, parties[i]);
  }
  return absl::StrReplaceAll(text, filled);
}

}  // namespace entente::policy
