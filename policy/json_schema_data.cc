#include <utility>

#include "policy/json_schema_parts.h"
#include "policy/reader.h"

namespace entente::policy {
namespace {

using json = SchemaJson;

// As the reader has them (policy/reader_flows.cc).
constexpr int64_t kMaxQuota = 1'000'000'000;
constexpr int64_t kMaxRuleValue = 1'000'000'000'000;

json TypeSchema(std::vector<std::string> types, bool with_list, bool many) {
  Members members = {
      {"type", Required(OneOfWords(types), "The type of its values")}};
  if (with_list) {
    members.push_back(
        {"list", Optional(Matching(kSlugRegex), "Its closed vocabulary")});
  }
  members.push_back(
      {"many", Optional(many ? BooleanSchema() : json{{"const", false}},
                        "Several values, parted by ;")});
  return MapOf(std::move(members));
}

// A field's type as a word, or as a map.
json FieldSchema() {
  return {{"anyOf",
           {WordOfSchema<FieldType>(), TypeSchema({"code"}, true, true),
            TypeSchema({"text", "date"}, false, true),
            TypeSchema({"integer", "decimal", "time", "boolean", "bytes"},
                       false, false)}}};
}

json StepSchema(const std::vector<int64_t>& steps) {
  json schema;
  for (const int64_t step : steps) schema["enum"].push_back(step);
  return schema;
}

json TreatmentMap(Transform transform, Members members) {
  json word = {{"const", std::string(WordOf(transform))}};
  members.emplace(members.begin(), "transform",
                  Required(std::move(word), "How it leaves"));
  return MapOf(std::move(members));
}

json EdgesMap(Transform transform) {
  return TreatmentMap(
      transform,
      {{"edges", Required(Unique(IntegerSchema(0, 1'000'000'000), 1, 50),
                          "Ascending; each begins a band")}});
}

// The words of the treatments that take nothing.
std::vector<std::string> PlainTreatments() {
  std::vector<std::string> words;
  for (const auto& [word, transform] : AllWords<Transform>()) {
    const bool takes =
        transform == Transform::kPseudonym || transform > Transform::kInitials;
    if (!takes) words.emplace_back(word);
  }
  return words;
}

// A treatment as a word, or as a map with what it takes.
json TreatmentSchema() {
  json any = json::array({OneOfWords(PlainTreatments())});
  any.push_back(TreatmentMap(
      Transform::kPseudonym,
      {{"scope", Optional({{"const", "agreement"}}, "The only one")}}));
  any.push_back(EdgesMap(Transform::kAgeBand));
  any.push_back(EdgesMap(Transform::kBand));
  any.push_back(
      TreatmentMap(Transform::kGrid,
                   {{"metres", Required(StepSchema({100, 250, 500, 1000, 5000}),
                                        "The cell's side")}}));
  any.push_back(TreatmentMap(
      Transform::kRoundTime,
      {{"minutes",
        Required(StepSchema({15, 60, 360, 1440}), "The step of the day")}}));
  any.push_back(TreatmentMap(
      Transform::kShiftDays,
      {{"within", Required(IntegerSchema(1, 90), "Days, either way")},
       {"per",
        Required(Matching(kFieldNameRegex), "One shift for each value")}}));
  any.push_back(TreatmentMap(
      Transform::kCategory,
      {{"list", Required(Matching(kSlugRegex), "A list with groups")}}));
  any.push_back(TreatmentMap(
      Transform::kCount,
      {{"window_days", Required(IntegerSchema(1, 36'500),
                                "Of the dates so many days back")}}));
  any.push_back(TreatmentMap(
      Transform::kSmallCount,
      {{"below",
        Required(IntegerSchema(2, 1'000'000), "1 to one less is not told")}}));
  any.push_back(TreatmentMap(
      Transform::kReviewedText,
      {{"reviewer", Required(LineSchema(), "Who has read the text")}}));
  return {{"anyOf", std::move(any)}};
}

json RowRuleSchema() {
  json equals = {
      {"anyOf",
       {TextSchema(1, 100), {{"type", "integer"}}, {{"type", "boolean"}}}}};
  json rule = MapOf(
      {{"field", Required(Matching(kFieldNameRegex), "Which field is tested")},
       {"newest_days",
        Optional(IntegerSchema(1, 36'500), "Not older than so many days")},
       {"one_of", Optional(Unique(TextSchema(1, 100), 1, 100), "Is one of")},
       {"any_of",
        Optional(Unique(TextSchema(1, 100), 1, 100), "One of many is one of")},
       {"equals", Optional(std::move(equals), "Is this")},
       {"at_least",
        Optional(IntegerSchema(-kMaxRuleValue, kMaxRuleValue), "This or more")},
       {"at_most",
        Optional(IntegerSchema(-kMaxRuleValue, kMaxRuleValue), "This or less")},
       {"not_passed", Optional({{"const", true}}, "Not before now")},
       {"after", Optional(DaySchema(), "This day or later")},
       {"before", Optional(DaySchema(), "Before this day")}});
  rule["minProperties"] = 2;
  return rule;
}

json LimitsSchema() {
  const auto quota = [](absl::string_view what) {
    return Optional(IntegerSchema(1, kMaxQuota), what);
  };
  json limits = MapOf(
      {{"requests_per_day", quota("From a sender to a recipient")},
       {"records_per_request", quota("In one batch")},
       {"records_per_day", quota("From a sender to a recipient")},
       {"extracts_per_year", quota("Only with the method extract")},
       {"enrolments_per_day", quota("By each agency, in its own domain")}});
  limits["minProperties"] = 1;
  return limits;
}

json RetentionSchema() {
  return MapOf(
      {{"days", Required(IntegerSchema(1, 36'500), "For how long")},
       {"starts", Required(WordOfSchema<RetentionStart>(), "From when")},
       {"then", Required(WordOfSchema<RetentionEnd>(), "And then")},
       {"unless", Optional({{"const", "case_record"}},
                           "Unless it has become part of a case record")},
       {"certificate", Optional(BooleanSchema(), "Destruction is certified")},
       {"no_later_than_field",
        Optional(Matching(kFieldNameRegex), "Never beyond this field's day")}});
}

}  // namespace

json ListSchema() {
  // A semicolon parts the values of a field that is many.
  json value = TextSchema(1, 100);
  value["pattern"] = "^(?!.*;)" + value["pattern"].get<std::string>().substr(1);
  const json values = Unique(std::move(value), 1, kMaxListValues);
  json groups = MapTo(values);
  groups["propertyNames"] = TextSchema(1, 100);
  groups["minProperties"] = 1;
  return {{"anyOf", {values, std::move(groups)}}};
}

json DatasetSchema() {
  return MapOf(
      {{"title", Required(LineSchema(), "One line")},
       {"definition", Required(Matching(kDefinitionRegex),
                               "Catalogue entry and version, as "
                               "policing.crime/4")},
       {"criminal_offence",
        Required(BooleanSchema(), "Whether it holds criminal offence data")},
       {"special_category",
        Required(BooleanSchema(), "Whether it holds special category data")},
       {"children",
        Required(WordOfSchema<Children>(), "Whether it is about children")},
       {"fields",
        Required(EntriesOf(kFieldNameRegex, FieldSchema(), 1, kMaxFields),
                 "Every field that a flow or rule names")},
       {"identifiers",
        Optional(EntriesOf(kFieldNameRegex, Matching(kSchemeRegex), 1, 20),
                 "Pseudonym fields, and the scheme of each")}});
}

json FlowSchema() {
  return MapOf(
      {{"id", Required(Matching(kSlugRegex), "Requests may name it")},
       {"from", Required(Names(kSlugRegex, 1, kMaxParties), "Who gives")},
       {"to", Required(Names(kSlugRegex, 1, kMaxParties), "Who receives")},
       {"recipients",
        Optional(Lines(1, 100), "Posts or bodies there that may see it")},
       {"purposes", Required(Names(kSlugRegex, 1, kMaxPurposes), "For what")},
       {"dataset", Required(Matching(kSlugRegex), "Of which data")},
       {"methods",
        Required(Unique(WordOfSchema<Method>(), 1, 4), "How it may move")},
       {"release",
        Required(EntriesOf(kFieldNameRegex, TreatmentSchema(), 1, kMaxFields),
                 "Each field, and how it leaves; no other is given")},
       {"rows", Optional(ItemsOf(RowRuleSchema(), 0, kMaxRows),
                         "A record is given only if all of these hold")},
       {"require", Required(Unique(WordOfSchema<Requirement>(), 0, 8),
                            "What a request must carry")},
       {"limits", Required(LimitsSchema(), "How much")},
       {"retention", Required(RetentionSchema(), "How long it is kept")},
       {"proof", Optional(WordOfSchema<Proof>(),
                          "Whether the broker proves its conversion")},
       {"recipient_domain",
        Optional(WordOfSchema<DomainRole>(),
                 "sealed: the recipient can match pseudonyms with nobody")},
       {"answer_records",
        Optional(IntegerSchema(1, 1024), "Only with the method query")},
       {"min_answer_ms",
        Optional(IntegerSchema(0, 60'000), "Only with the method query")}});
}

}  // namespace entente::policy
