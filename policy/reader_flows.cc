#include "policy/reader.h"

namespace entente::policy {
namespace {

constexpr int64_t kMaxQuota = 1'000'000'000;

void ReadLimits(Node* node, const Path& path, Reporter* reporter, Limits* out) {
  MapReader map(node, path, reporter);
  map.Integer("requests_per_day", 1, kMaxQuota, &out->requests_per_day);
  map.Integer("records_per_request", 1, kMaxQuota, &out->records_per_request);
  map.Integer("records_per_day", 1, kMaxQuota, &out->records_per_day);
  map.Integer("extracts_per_year", 1, kMaxQuota, &out->extracts_per_year);
  map.Integer("enrolments_per_day", 1, kMaxQuota, &out->enrolments_per_day);
  map.Finish();
  if (node->kind == Node::Kind::kMap && node->entries.empty()) {
    reporter->Error(path, "is empty", "at least one limit");
  }
}

void ReadRetention(Node* node, const Path& path, Reporter* reporter,
                   Retention* out) {
  MapReader map(node, path, reporter);
  map.Integer("days", kRequired, 1, 36'500, &out->days);
  map.Word("starts", kRequired, &out->starts);
  map.Word("then", kRequired, &out->then);
  if (Node* unless = map.Take("unless", kOptional)) {
    out->unless_case_record = unless->text == "case_record";
    if (!out->unless_case_record) {
      ReportUnknownWord(unless->text, map.PathOf("unless"), {"case_record"},
                        reporter);
    }
  }
  map.Boolean("certificate", kOptional, &out->certificate);
  map.Matching("no_later_than_field", kOptional, kFieldName,
               &out->no_later_than_field);
  map.Finish();
}

void ReadEnds(MapReader* map, Flow* out) {
  map->Matching("id", kRequired, kSlug, &out->id);
  map->Names("from", kRequired, kSlug, {1, kMaxParties}, &out->from);
  map->Names("to", kRequired, kSlug, {1, kMaxParties}, &out->to);
  map->Lines("recipients", kOptional, {}, {}, &out->recipients);
  map->Names("purposes", kRequired, kSlug, {1, kMaxPurposes}, &out->purposes);
  map->Matching("dataset", kRequired, kSlug, &out->dataset);
  map->WordList("methods", kRequired, {1, 4}, &out->methods);
}

void ReadFlow(Node* node, const Path& path, Reporter* reporter, Flow* out) {
  MapReader map(node, path, reporter);
  ReadEnds(&map, out);
  map.Entries("release", kRequired, {1, kMaxFields}, kFieldName,
              [&](const std::string& field, Node* treatment, const Path& at) {
                ReadTreatment(treatment, at, reporter, &out->release[field]);
              });
  map.Items("rows", kOptional, {0, kMaxRows}, [&](Node* rule, const Path& at) {
    ReadRowRule(rule, at, reporter, &out->rows.emplace_back());
  });
  map.WordList("require", kRequired, {0, 8}, &out->require);
  if (Node* limits = map.Take("limits", kRequired)) {
    ReadLimits(limits, map.PathOf("limits"), reporter, &out->limits);
  }
  if (Node* retention = map.Take("retention", kRequired)) {
    ReadRetention(retention, map.PathOf("retention"), reporter,
                  &out->retention);
  }
  map.Word("proof", kOptional, &out->proof);
  map.Word("recipient_domain", kOptional, &out->recipient_domain);
  map.Integer("answer_records", 1, 1024, &out->answer_records);
  map.Integer("min_answer_ms", 0, 60'000, &out->min_answer_ms);
  map.Finish();
}

// An integer out of a few, such as the sizes of a grid.
void ReadStep(MapReader* map, absl::string_view key,
              const std::vector<int64_t>& steps, int64_t* out) {
  map->Integer(key, kRequired, steps.front(), steps.back(), out);
  if (*out == 0) return;
  for (const int64_t step : steps) {
    if (*out == step) return;
  }
  map->reporter()->Error(map->PathOf(key),
                         absl::StrCat(*out, " is not one of the steps"),
                         absl::StrJoin(steps, ", "));
}

void ReadEdges(MapReader* map, std::vector<int64_t>* out) {
  map->Items("edges", kRequired, {1, 50}, [&](Node* node, const Path& path) {
    int64_t edge = -1;
    ReadInteger(node, path, 0, 1'000'000'000, map->reporter(), &edge);
    if (edge < 0) return;
    if (!out->empty() && edge <= out->back()) {
      map->reporter()->Error(path, "is not above the one before", "ascending");
    }
    out->push_back(edge);
  });
}

// Whether a treatment is written as a map, `{ transform: ... }`, or as a word.
bool IsMap(Transform transform) {
  return transform == Transform::kPseudonym || transform > Transform::kInitials;
}

void ReadParameters(MapReader* map, Treatment* out) {
  switch (out->transform) {
    case Transform::kAgeBand:
    case Transform::kBand:
      return ReadEdges(map, &out->edges);
    case Transform::kGrid:
      return ReadStep(map, "metres", {100, 250, 500, 1000, 5000}, &out->metres);
    case Transform::kRoundTime:
      return ReadStep(map, "minutes", {15, 60, 360, 1440}, &out->minutes);
    case Transform::kShiftDays:
      map->Integer("within", kRequired, 1, 90, &out->within);
      return map->Matching("per", kRequired, kFieldName, &out->per);
    case Transform::kCategory:
      return map->Matching("list", kRequired, kSlug, &out->list);
    case Transform::kCount:
      return map->Integer("window_days", kRequired, 1, 36'500,
                          &out->window_days);
    case Transform::kSmallCount:
      return map->Integer("below", kRequired, 2, 1'000'000, &out->below);
    case Transform::kReviewedText:
      return map->Line("reviewer", kRequired, &out->reviewer);
    case Transform::kPseudonym:
      if (Node* scope = map->Take("scope", kOptional)) {
        if (scope->text == "agreement") return;
        ReportUnknownWord(scope->text, map->PathOf("scope"), {"agreement"},
                          map->reporter());
      }
      return;
    default:
      return;
  }
}

}  // namespace

void ReadTreatment(Node* node, const Path& path, Reporter* reporter,
                   Treatment* out) {
  Transform transform = Transform::kWithhold;
  if (node->kind == Node::Kind::kScalar) {
    ReadWord(*node, path, reporter, &transform);
    if (!IsMap(transform)) {
      out->transform = transform;
      return;
    }
    return reporter->Error(
        path, absl::StrCat(WordOf(transform), " is written as a map"),
        absl::StrCat("{ transform: ", WordOf(transform), ", ... }"));
  }
  MapReader map(node, path, reporter);
  Node* word = map.Take("transform", kRequired);
  if (word == nullptr) return;
  ReadWord(*word, map.PathOf("transform"), reporter, &transform);
  if (word->text != WordOf(transform)) return;  // unknown, and reported
  if (!IsMap(transform)) {
    return reporter->Error(path, absl::StrCat(word->text, " takes nothing"),
                           absl::StrCat("the word ", word->text));
  }
  out->transform = transform;
  ReadParameters(&map, out);
  map.Finish();
}

void ReadRowRule(Node* node, const Path& path, Reporter* reporter,
                 RowRule* out) {
  constexpr Length kValue = {1, 100};
  constexpr int64_t kMost = 1'000'000'000'000;
  MapReader map(node, path, reporter);
  map.Matching("field", kRequired, kFieldName, &out->field);
  map.Integer("newest_days", 1, 36'500, &out->newest_days);
  map.Lines("one_of", kOptional, kValue, {}, &out->one_of);
  map.Lines("any_of", kOptional, kValue, {}, &out->any_of);
  if (Node* equals = map.Take("equals", kOptional)) {
    ReadText(equals, map.PathOf("equals"), kValue, reporter,
             &out->equals.emplace());
  }
  map.Integer("at_least", -kMost, kMost, &out->at_least);
  map.Integer("at_most", -kMost, kMost, &out->at_most);
  if (Node* not_passed = map.Take("not_passed", kOptional)) {
    ReadBoolean(not_passed, map.PathOf("not_passed"), reporter,
                &out->not_passed);
    if (!out->not_passed) {
      reporter->Error(map.PathOf("not_passed"), "says nothing", "true");
    }
  }
  map.Day("after", &out->after);
  map.Day("before", &out->before);
  map.Finish();
  if (node->kind == Node::Kind::kMap && node->entries.size() < 2) {
    reporter->Error(path, "tests nothing",
                    "newest_days, one_of, any_of, equals, at_least, at_most, "
                    "not_passed, after, before");
  }
}

void ReadFlows(MapReader* top, std::vector<Flow>* out) {
  top->Items("flows", kRequired, {1, kMaxFlows},
             [&](Node* node, const Path& path) {
               ReadFlow(node, path, top->reporter(), &out->emplace_back());
             });
}

}  // namespace entente::policy
