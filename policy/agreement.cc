#include "policy/agreement.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/words.h"

namespace entente::policy {
namespace {

template <typename Enum>
absl::string_view Find(Enum value) {
  for (const auto& [word, meaning] : AllWords<Enum>()) {
    if (meaning == value) return word;
  }
  return "unknown";
}

}  // namespace

template <>
Words<Capacity> AllWords() {
  static constexpr std::pair<absl::string_view, Capacity> kWords[] = {
      {"controller", Capacity::kController},
      {"joint_controller", Capacity::kJointController},
      {"processor", Capacity::kProcessor},
  };
  return kWords;
}

template <>
Words<Regime> AllWords() {
  static constexpr std::pair<absl::string_view, Regime> kWords[] = {
      {"law_enforcement", Regime::kLawEnforcement},
      {"general", Regime::kGeneral},
  };
  return kWords;
}

template <>
Words<AgreementKind> AllWords() {
  static constexpr std::pair<absl::string_view, AgreementKind> kWords[] = {
      {"inter_force", AgreementKind::kInterForce},
      {"safeguarding_hub", AgreementKind::kSafeguardingHub},
      {"police_private", AgreementKind::kPolicePrivate},
      {"academic_research", AgreementKind::kAcademicResearch},
  };
  return kWords;
}

template <>
Words<Children> AllWords() {
  static constexpr std::pair<absl::string_view, Children> kWords[] = {
      {"known", Children::kKnown},
      {"possible", Children::kPossible},
      {"none", Children::kNone},
  };
  return kWords;
}

template <>
Words<Method> AllWords() {
  static constexpr std::pair<absl::string_view, Method> kWords[] = {
      {"query", Method::kQuery},
      {"push", Method::kPush},
      {"subscribe", Method::kSubscribe},
      {"extract", Method::kExtract},
  };
  return kWords;
}

template <>
Words<Requirement> AllWords() {
  static constexpr std::pair<absl::string_view, Requirement> kWords[] = {
      {"case_reference", Requirement::kCaseReference},
      {"subject_reference", Requirement::kSubjectReference},
      {"justification", Requirement::kJustification},
      {"strategy_discussion_reference",
       Requirement::kStrategyDiscussionReference},
      {"handling_conditions_accepted",
       Requirement::kHandlingConditionsAccepted},
      {"ethics_reference", Requirement::kEthicsReference},
      {"protocol_version", Requirement::kProtocolVersion},
      {"approver", Requirement::kApprover},
  };
  return kWords;
}

template <>
Words<FieldType> AllWords() {
  static constexpr std::pair<absl::string_view, FieldType> kWords[] = {
      {"text", FieldType::kText},       {"integer", FieldType::kInteger},
      {"decimal", FieldType::kDecimal}, {"date", FieldType::kDate},
      {"time", FieldType::kTime},       {"boolean", FieldType::kBoolean},
      {"code", FieldType::kCode},       {"bytes", FieldType::kBytes},
  };
  return kWords;
}

template <>
Words<Transform> AllWords() {
  static constexpr std::pair<absl::string_view, Transform> kWords[] = {
      {"as_is", Transform::kAsIs},
      {"withhold", Transform::kWithhold},
      {"pseudonym", Transform::kPseudonym},
      {"flag", Transform::kFlag},
      {"year", Transform::kYear},
      {"date_to_month", Transform::kDateToMonth},
      {"postcode_sector", Transform::kPostcodeSector},
      {"postcode_district", Transform::kPostcodeDistrict},
      {"postcode_area", Transform::kPostcodeArea},
      {"initials", Transform::kInitials},
      {"age_band", Transform::kAgeBand},
      {"band", Transform::kBand},
      {"grid", Transform::kGrid},
      {"round_time", Transform::kRoundTime},
      {"shift_days", Transform::kShiftDays},
      {"category", Transform::kCategory},
      {"count", Transform::kCount},
      {"small_count", Transform::kSmallCount},
      {"reviewed_text", Transform::kReviewedText},
  };
  return kWords;
}

template <>
Words<RetentionStart> AllWords() {
  static constexpr std::pair<absl::string_view, RetentionStart> kWords[] = {
      {"receipt", RetentionStart::kReceipt},
      {"project_end", RetentionStart::kProjectEnd},
  };
  return kWords;
}

template <>
Words<RetentionEnd> AllWords() {
  static constexpr std::pair<absl::string_view, RetentionEnd> kWords[] = {
      {"destroy", RetentionEnd::kDestroy},
      {"review", RetentionEnd::kReview},
      {"return", RetentionEnd::kReturn},
  };
  return kWords;
}

template <>
Words<OnwardRule> AllWords() {
  static constexpr std::pair<absl::string_view, OnwardRule> kWords[] = {
      {"none", OnwardRule::kNone},
      {"listed", OnwardRule::kListed},
      {"ask_sender", OnwardRule::kAskSender},
  };
  return kWords;
}

template <>
Words<JustificationRule> AllWords() {
  static constexpr std::pair<absl::string_view, JustificationRule> kWords[] = {
      {"filled", JustificationRule::kFilled},
      {"given", JustificationRule::kGiven},
  };
  return kWords;
}

template <>
Words<SuspendRight> AllWords() {
  static constexpr std::pair<absl::string_view, SuspendRight> kWords[] = {
      {"any_party", SuspendRight::kAnyParty},
      {"owner", SuspendRight::kOwner},
  };
  return kWords;
}

template <>
Words<Publish> AllWords() {
  static constexpr std::pair<absl::string_view, Publish> kWords[] = {
      {"full", Publish::kFull},
      {"summary", Publish::kSummary},
      {"withheld", Publish::kWithheld},
  };
  return kWords;
}

template <>
Words<Proof> AllWords() {
  static constexpr std::pair<absl::string_view, Proof> kWords[] = {
      {"always", Proof::kAlways},
      {"none", Proof::kNone},
  };
  return kWords;
}

template <>
Words<DomainRole> AllWords() {
  static constexpr std::pair<absl::string_view, DomainRole> kWords[] = {
      {"matching", DomainRole::kMatching},
      {"sealed", DomainRole::kSealed},
  };
  return kWords;
}

template <>
Words<Witness> AllWords() {
  static constexpr std::pair<absl::string_view, Witness> kWords[] = {
      {"optional", Witness::kOptional},
      {"required", Witness::kRequired},
  };
  return kWords;
}

absl::string_view WordOf(Capacity value) { return Find(value); }
absl::string_view WordOf(Regime value) { return Find(value); }
absl::string_view WordOf(AgreementKind value) { return Find(value); }
absl::string_view WordOf(Children value) { return Find(value); }
absl::string_view WordOf(Method value) { return Find(value); }
absl::string_view WordOf(Requirement value) { return Find(value); }
absl::string_view WordOf(FieldType value) { return Find(value); }
absl::string_view WordOf(Transform value) { return Find(value); }
absl::string_view WordOf(RetentionStart value) { return Find(value); }
absl::string_view WordOf(RetentionEnd value) { return Find(value); }
absl::string_view WordOf(OnwardRule value) { return Find(value); }
absl::string_view WordOf(SuspendRight value) { return Find(value); }
absl::string_view WordOf(JustificationRule value) { return Find(value); }
absl::string_view WordOf(Publish value) { return Find(value); }
absl::string_view WordOf(Proof value) { return Find(value); }
absl::string_view WordOf(DomainRole value) { return Find(value); }
absl::string_view WordOf(Witness value) { return Find(value); }

absl::Time Validity::FromInstant() const {
  return absl::FromCivil(from, absl::UTCTimeZone());
}

absl::Time Validity::UntilInstant() const {
  return absl::FromCivil(until, absl::UTCTimeZone());
}

std::string OwningParty(const Agreement& agreement) {
  std::string party;
  for (const Signatory& line : agreement.signatories) {
    if (line.role != agreement.governance.owner) continue;
    if (!party.empty()) return "";
    party = line.party;
  }
  return party;
}

absl::string_view SchemeOf(const Agreement& document, const Flow& flow,
                           const std::string& field) {
  const auto dataset = document.datasets.find(flow.dataset);
  if (dataset == document.datasets.end()) return "";
  const auto scheme = dataset->second.identifiers.find(field);
  if (scheme == dataset->second.identifiers.end()) return "";
  return scheme->second;
}

}  // namespace entente::policy
