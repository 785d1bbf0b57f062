#ifndef ENTENTE_POLICY_AGREEMENT_H_
#define ENTENTE_POLICY_AGREEMENT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

// The sharing agreement as the machine sees it: a plain tree of values, made
// only by Check and ParseCanonical (policy/check.h), after which every rule of
// the schema and every cross-check holds. Nobody changes one after it is made.
//
// Names: a slug is [a-z][a-z0-9-]{1,60}, a field [a-z][a-z0-9_]{1,60}, a line
// one line of NFC text of 2 to 300 characters. Maps are in the order of their
// keys' bytes, which is also their order in the canonical form.
namespace entente::policy {

// The identity a party has in law for the data of this agreement.
enum class Capacity { kController, kJointController, kProcessor };
// Which law a party's processing, or a purpose, falls under: DPA 2018 Part 3
// (`law_enforcement`) or the UK GDPR (`general`).
enum class Regime { kLawEnforcement, kGeneral };
enum class AgreementKind {
  kInterForce,
  kSafeguardingHub,
  kPolicePrivate,
  kAcademicResearch
};
// Whether a data set is about children.
enum class Children { kKnown, kPossible, kNone };
// How data may move in a flow.
enum class Method { kQuery, kPush, kSubscribe, kExtract };
// What a request must carry beside its data.
enum class Requirement {
  kCaseReference,
  kSubjectReference,
  kJustification,
  kStrategyDiscussionReference,
  kHandlingConditionsAccepted,
  kEthicsReference,
  kProtocolVersion,
  kApprover
};
// The type of a field's values, as sealed (crypto's value types).
enum class FieldType {
  kText,
  kInteger,
  kDecimal,
  kDate,
  kTime,
  kBoolean,
  kCode,
  kBytes
};
// How a field leaves the sender; policy/treat.h says what comes of it, and
// policy/released_field.h of which type that is.
enum class Transform {
  kWithhold,  // zero releases nothing
  kAsIs,
  kPseudonym,
  kFlag,
  kYear,
  kDateToMonth,
  kPostcodeSector,
  kPostcodeDistrict,
  kPostcodeArea,
  kInitials,
  kAgeBand,
  kBand,
  kGrid,
  kRoundTime,
  kShiftDays,
  kCategory,
  kCount,
  kSmallCount,
  kReviewedText
};
enum class RetentionStart { kReceipt, kProjectEnd };
enum class RetentionEnd { kDestroy, kReview, kReturn };
enum class OnwardRule { kNone, kListed, kAskSender };
enum class SuspendRight { kAnyParty, kOwner };
// Whether the entry of a request that brings no justification has one that is
// filled in from its purpose and case reference.
enum class JustificationRule { kFilled, kGiven };
enum class Publish { kFull, kSummary, kWithheld };
// Whether the broker proves the conversion of pseudonyms in a flow.
enum class Proof { kAlways, kNone };
// The recipient's pseudonym domain: kMatching may enrol identifiers, kSealed
// may only join rows.
enum class DomainRole { kMatching, kSealed };
enum class Witness { kOptional, kRequired };

// The word the document uses for a value, such as "law_enforcement".
absl::string_view WordOf(Capacity value);
absl::string_view WordOf(Regime value);
absl::string_view WordOf(AgreementKind value);
absl::string_view WordOf(Children value);
absl::string_view WordOf(Method value);
absl::string_view WordOf(Requirement value);
absl::string_view WordOf(FieldType value);
absl::string_view WordOf(Transform value);
absl::string_view WordOf(RetentionStart value);
absl::string_view WordOf(RetentionEnd value);
absl::string_view WordOf(OnwardRule value);
absl::string_view WordOf(SuspendRight value);
absl::string_view WordOf(JustificationRule value);
absl::string_view WordOf(Publish value);
absl::string_view WordOf(Proof value);
absl::string_view WordOf(DomainRole value);
absl::string_view WordOf(Witness value);

// The broker that every signatory signs for.
struct Broker {
  std::string name;        // host name; the start of every ledger's origin
  std::string ledger_key;  // Ed25519 public key, 32 bytes, not encoded
  bool operator==(const Broker&) const = default;
};

// The most witnesses of one agreement, and the longest that it may do without
// their quorum: a week.
inline constexpr size_t kMaxWitnesses = 16;
inline constexpr int64_t kMaxMissingMinutes = 7 * 24 * 60;

// One that cosigns the agreement's ledger (c2sp.org/tlog-witness).
struct NamedWitness {
  std::string key;  // its verifier key, of type 4; no two witnesses share one
  // Where it is asked: https, or http on this machine's loopback; the prefix
  // of `/add-checkpoint`, without a `/` at its end.
  std::string url;
  bool operator==(const NamedWitness&) const = default;
};

// Who cosigns the agreement's ledger.
struct Witnesses {
  std::map<std::string, NamedWitness> named;  // 1 to kMaxWitnesses, by a slug
  int64_t quorum = 0;                         // so many of them are enough
  // The quorum is missing once an entry is older than this and under no
  // checkpoint that a quorum cosigned. 1 to kMaxMissingMinutes.
  int64_t missing_minutes = 0;
  bool operator==(const Witnesses&) const = default;
};

// A party, by its agency id in `Agreement::parties`.
struct Party {
  std::string name;  // line
  Capacity capacity = Capacity::kProcessor;
  Regime regime = Regime::kGeneral;
  std::string contact;  // line; a role mailbox, not a person
  // SHA-256 of the root's DER SubjectPublicKeyInfo, 64 lower-case hex digits.
  // No two parties or overseers share one.
  std::string root;
  bool operator==(const Party&) const = default;
};

// One who may read the agreement's ledger and nothing else. Never a party.
struct Overseer {
  std::string name;     // line
  std::string root;     // as Party::root
  std::string contact;  // line
  bool operator==(const Overseer&) const = default;
};

struct Purpose {
  std::string text;  // line
  Regime regime = Regime::kGeneral;
  bool operator==(const Purpose&) const = default;
};

// Why these parties may process for these purposes. Lines of law, for people.
struct LawfulBasis {
  std::vector<std::string> parties;   // declared parties, no repeats
  std::vector<std::string> purposes;  // declared purposes, no repeats
  std::vector<std::string> gateway;   // the power to share
  std::vector<std::string> processing;
  std::vector<std::string> sensitive;         // may be empty
  std::vector<std::string> criminal_offence;  // may be empty
  std::string policy_document;                // may be empty
  bool operator==(const LawfulBasis&) const = default;
};

// The type of one field. In the document `text`, or `{ type: code, list: l }`.
struct Field {
  FieldType type = FieldType::kText;
  // A declared list; only for kCode, empty if the vocabulary is open. A value
  // that the list lacks refuses its row. If the list has groups, the
  // vocabulary is the values of all its groups.
  std::string list;
  // The value is several, parted by ';' (only kText, kCode, kDate). Each must
  // be of the type, and in the list. Such a kDate may not be released as_is.
  bool many = false;
  bool operator==(const Field&) const = default;
};

struct Dataset {
  std::string title;       // line
  std::string definition;  // catalogue entry and version, `policing.crime/4`
  bool criminal_offence = false;
  bool special_category = false;
  Children children = Children::kPossible;
  // Every field that a flow or a row rule may name, with its type.
  std::map<std::string, Field> fields;
  // Pseudonym fields with the scheme of their identifier: `nhs/1`, `pnc/1`,
  // `name_dob/1` (one pseudonym made of several columns) or
  // `opaque/1:<namespace>`. A name may also be in `fields`; then a flow may
  // release it as a pseudonym or in clear, by its treatment.
  std::map<std::string, std::string> identifiers;
  bool operator==(const Dataset&) const = default;
};

// A closed vocabulary. In the document a sequence of values, or, for the
// treatment `category`, a map from each group to the values it stands for.
struct List {
  // In the document's order, no repeats; with groups, the values of all groups
  // in the order of the groups. 1 to 1,000 values of 1 to 100 characters.
  std::vector<std::string> values;
  std::map<std::string, std::vector<std::string>> groups;  // may be empty
  bool operator==(const List&) const = default;
};

// How one field is released. A parameter that the transformation does not take
// is zero or empty.
struct Treatment {
  Transform transform = Transform::kWithhold;
  std::vector<int64_t> edges;  // age_band, band: ascending
  int64_t metres = 0;          // grid: 100, 250, 500, 1000 or 5000
  int64_t minutes = 0;         // round_time: 15, 60, 360 or 1440
  int64_t within = 0;          // shift_days: 1 to 90
  std::string per;             // shift_days: one shift for each value of it
  std::string list;            // category: a list with groups
  int64_t window_days = 0;     // count: of the dates in the last days
  int64_t below = 0;           // small_count: 2 or more
  std::string reviewer;        // reviewed_text: a line
  bool operator==(const Treatment&) const = default;
};

// A condition on a record; it is released only if every test given here holds
// on the value of `field`, a declared field that need not be released. A null
// value fails every test. At least one test is given.
struct RowRule {
  std::string field;
  // date, time: not older than so many days.
  std::optional<int64_t> newest_days;
  std::vector<std::string> one_of;  // text, code, not `many`: is one of them
  std::vector<std::string> any_of;  // text, code, `many`: one is one of them
  // As the field's type is written: text, code, `true` or `false`, an integer,
  // a date. Checked to be well formed for the type.
  std::optional<std::string> equals;
  std::optional<int64_t> at_least;       // integer: this or more
  std::optional<int64_t> at_most;        // integer: this or less
  bool not_passed = false;               // date, time: not before now
  std::optional<absl::CivilDay> after;   // date, time: this day or later
  std::optional<absl::CivilDay> before;  // date, time: before this day
  bool operator==(const RowRule&) const = default;
};

// Quotas. Each is at least 1; absent means not limited by this agreement.
struct Limits {
  std::optional<int64_t> requests_per_day;     // per sender and recipient
  std::optional<int64_t> records_per_request;  // in one batch
  std::optional<int64_t> records_per_day;      // per sender and recipient
  std::optional<int64_t> extracts_per_year;    // only with the method extract
  // Identifiers that each agency of this flow may enrol in its own domain in
  // a UTC day. An agency in several flows has the largest of theirs.
  std::optional<int64_t> enrolments_per_day;
  bool operator==(const Limits&) const = default;
};

struct Retention {
  int64_t days = 0;  // 1 to 36,500
  RetentionStart starts = RetentionStart::kReceipt;
  RetentionEnd then = RetentionEnd::kDestroy;
  bool unless_case_record = false;  // `unless: case_record`
  bool certificate = false;         // destruction is certified
  // Empty, or a released date field: never kept longer than its value.
  std::string no_later_than_field;
  bool operator==(const Retention&) const = default;
};

// A grant: these may send that data to those for these purposes, so. At most
// one flow covers a (sender, recipient, purpose, dataset).
struct Flow {
  std::string id;  // slug, unique in the agreement
  std::vector<std::string> from;
  std::vector<std::string> to;  // a party in both never sends to itself
  // Posts or bodies at the recipients that may see it, lines; may be empty.
  std::vector<std::string> recipients;
  std::vector<std::string> purposes;
  std::string dataset;
  std::vector<Method> methods;  // no repeats
  // Every field named; one that is not here is never released.
  std::map<std::string, Treatment> release;
  std::vector<RowRule> rows;         // all must hold
  std::vector<Requirement> require;  // no repeats
  Limits limits;
  Retention retention;
  Proof proof = Proof::kAlways;
  DomainRole recipient_domain = DomainRole::kMatching;
  // Only with the method query: most records in one answer, and the least
  // time that an answer takes.
  std::optional<int64_t> answer_records;
  std::optional<int64_t> min_answer_ms;
  bool operator==(const Flow&) const = default;
};

struct OnwardTo {
  std::string to;  // a party's id (a processor), or a line naming an outsider
  std::vector<std::string> purposes;
  std::string needs;  // line
  bool operator==(const OnwardTo&) const = default;
};

// What a recipient may pass on. `listed` is empty unless the rule is kListed.
struct Onward {
  OnwardRule rule = OnwardRule::kNone;
  std::vector<OnwardTo> listed;
  std::vector<std::string> exceptions;
  bool operator==(const Onward&) const = default;
};

// Promises between people; the machine prints them.
struct Handling {
  std::string marking;                 // OFFICIAL or OFFICIAL-SENSITIVE
  std::string accuracy;                // line
  std::string staff;                   // line
  std::string setting;                 // line or empty
  std::string publication;             // up to 600 characters, or empty
  std::vector<std::string> forbidden;  // may be empty
  // No figure that is published stands for fewer people; 0: nothing is said.
  int64_t minimum_cell = 0;  // 3 to 1,000
  bool operator==(const Handling&) const = default;
};

// In force from 00:00 UTC of `from` up to and not including 00:00 UTC of
// `until`. No grace.
struct Validity {
  absl::CivilDay from;
  absl::CivilDay until;
  absl::CivilDay review_by;
  std::optional<absl::CivilDay> project_end;
  // Days for which the previous version stays usable after `from`; 0 to 90.
  int64_t handover_days = 0;

  // The first instant in force, and the first instant no longer in force.
  absl::Time FromInstant() const;
  absl::Time UntilInstant() const;
  bool operator==(const Validity&) const = default;
};

struct Assessment {
  std::string ref;  // line
  absl::CivilDay date;
  std::optional<absl::CivilDay> review_by;
  bool operator==(const Assessment&) const = default;
};

struct Governance {
  // Line; a post. That of exactly one signatory if only the owner may suspend.
  std::string owner;
  std::string arrangement;  // line or empty
  Assessment dpia;
  std::optional<Assessment> ethics;
  SuspendRight suspend = SuspendRight::kAnyParty;
  JustificationRule justification = JustificationRule::kFilled;
  int64_t notice_days = 0;          // 0 to 365
  int64_t breach_notice_hours = 0;  // 1 to 72
  Publish publish = Publish::kWithheld;
  bool operator==(const Governance&) const = default;
};

// The longest that an emergency may last, and that the report on it may take.
inline constexpr int64_t kMaxBreakGlassMinutes = 60;
inline constexpr int64_t kMaxReportHours = 72;

// What an emergency may show beyond the flows, and for how long.
struct BreakGlass {
  // Declared fields, by data set; each set's list is not empty.
  std::map<std::string, std::vector<std::string>> fields;
  int64_t minutes = 0;       // 1 to 60
  int64_t report_hours = 0;  // 1 to 72
  bool operator==(const BreakGlass&) const = default;
};

// A line to be signed: by the key of the certificate of `party` with the role
// `signatory` and this name.
struct Signatory {
  std::string party;  // declared party
  std::string role;   // line; a post. (party, role) is unique
  std::string name;   // the certificate's name. (party, name) is unique
  bool operator==(const Signatory&) const = default;
};

struct Agreement {
  std::string id;        // isa-[a-z0-9-]{3,60}; for life
  int64_t version = 0;   // 1 or more
  std::string previous;  // SHA-256 of version - 1 in hex; empty if 1
  AgreementKind kind = AgreementKind::kInterForce;
  std::string title;    // line
  std::string summary;  // 20 to 1,200 characters, fit to publish
  std::string under;    // id of the overarching agreement, or empty
  Broker broker;
  // kRequired: without the quorum of `witnesses`, which are given then, acts
  // under the agreement are refused. kOptional: that it is missing is said.
  Witness witness = Witness::kOptional;
  std::optional<Witnesses> witnesses;
  std::map<std::string, Party> parties;       // 2 to 40, by agency id
  std::map<std::string, Overseer> overseers;  // 0 to 40, by agency id
  std::map<std::string, Purpose> purposes;
  std::vector<LawfulBasis> lawful_basis;
  std::map<std::string, List> lists;
  std::map<std::string, Dataset> datasets;
  std::vector<Flow> flows;
  std::optional<BreakGlass> break_glass;
  Onward onward;
  Handling handling;
  Validity valid;
  Governance governance;
  std::vector<Signatory> signatories;  // at least one for each party
  bool operator==(const Agreement&) const = default;
};

// The party whose signatory holds the post `governance.owner`; empty unless
// there is exactly one.
std::string OwningParty(const Agreement& agreement);

// How `field` of the flow's dataset is prepared, such as `nhs/1`; empty if it
// is no identifier of it. As long-lived as `document`.
absl::string_view SchemeOf(const Agreement& document, const Flow& flow,
                           const std::string& field);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_AGREEMENT_H_
