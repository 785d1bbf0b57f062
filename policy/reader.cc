#include "policy/reader.h"

#include "absl/strings/string_view.h"
#include "crypto/note.h"

namespace entente::policy {
namespace {

NamedWitness ReadWitness(Node* node, const Path& path, Reporter* reporter) {
  NamedWitness out;
  MapReader map(node, path, reporter);
  map.Matching("key", kRequired, kWitnessKey, &out.key);
  map.Matching("url", kRequired, kWitnessUrl, &out.url);
  map.Finish();
  if (out.key.empty()) return out;
  const auto key = crypto::NoteKey::Parse(out.key);
  if (!key.ok()) {
    reporter->Error(path.Key("key"), "is not a verifier key",
                    std::string(key.status().message()));
  }
  return out;
}

void ReadWitnesses(MapReader* top, std::optional<Witnesses>* out) {
  Node* node = top->Take("witnesses", kOptional);
  if (node == nullptr) return;
  Witnesses& witnesses = out->emplace();
  Reporter* reporter = top->reporter();
  MapReader map(node, Path("witnesses"), reporter);
  map.Integer("quorum", kRequired, 1, kMaxWitnesses, &witnesses.quorum);
  map.Integer("missing_minutes", kRequired, 1, kMaxMissingMinutes,
              &witnesses.missing_minutes);
  map.Entries("named", kRequired, {1, kMaxWitnesses}, kSlug,
              [&](const std::string& name, Node* at, const Path& path) {
                witnesses.named[name] = ReadWitness(at, path, reporter);
              });
  map.Finish();
}

void ReadHead(MapReader* top, Agreement* out) {
  if (Node* node = top->Take("schema", kRequired)) {
    if (node->kind != Node::Kind::kScalar ||
        node->text != "sharing-agreement/v1") {
      top->reporter()->Error("schema", "is not a version known here",
                             "sharing-agreement/v1");
    }
  }
  top->Matching("id", kRequired, kAgreementId, &out->id);
  top->Integer("version", kRequired, 1, 1'000'000, &out->version);
  top->Matching("previous", kOptional, kHexDigest, &out->previous);
  top->Word("kind", kRequired, &out->kind);
  top->Line("title", kRequired, &out->title);
  top->Text("summary", kRequired, {20, 1200}, &out->summary);
  top->Matching("under", kOptional, kAgreementId, &out->under);
  top->Word("witness", kOptional, &out->witness);
  ReadWitnesses(top, &out->witnesses);
}

void ReadOnward(MapReader* top, Onward* out) {
  Node* node = top->Take("onward", kRequired);
  if (node == nullptr) return;
  MapReader map(node, Path("onward"), top->reporter());
  map.Word("rule", kRequired, &out->rule);
  map.Items("listed", kOptional, {1, 100}, [&](Node* item, const Path& path) {
    OnwardTo to;
    MapReader listed(item, path, top->reporter());
    listed.Line("to", kRequired, &to.to);
    listed.Names("purposes", kRequired, kSlug, {1, kMaxPurposes}, &to.purposes);
    listed.Line("needs", kRequired, &to.needs);
    listed.Finish();
    out->listed.push_back(std::move(to));
  });
  map.Lines("exceptions", kOptional, {}, {}, &out->exceptions);
  map.Finish();
}

void ReadHandling(MapReader* top, Handling* out) {
  Node* node = top->Take("handling", kRequired);
  if (node == nullptr) return;
  MapReader map(node, Path("handling"), top->reporter());
  if (Node* marking = map.Take("marking", kRequired)) {
    if (marking->text == "OFFICIAL" || marking->text == "OFFICIAL-SENSITIVE") {
      out->marking = marking->text;
    } else {
      ReportUnknownWord(marking->text, map.PathOf("marking"),
                        {"OFFICIAL", "OFFICIAL-SENSITIVE"}, top->reporter());
    }
  }
  map.Line("accuracy", kRequired, &out->accuracy);
  map.Line("staff", kRequired, &out->staff);
  map.Line("setting", kOptional, &out->setting);
  map.Text("publication", kOptional, {2, 600}, &out->publication);
  map.Lines("forbidden", kOptional, {}, {}, &out->forbidden);
  map.Integer("minimum_cell", kOptional, 3, 1000, &out->minimum_cell);
  map.Finish();
}

void ReadValidity(MapReader* top, Validity* out) {
  Node* node = top->Take("valid", kRequired);
  if (node == nullptr) return;
  MapReader map(node, Path("valid"), top->reporter());
  map.Day("from", kRequired, &out->from);
  map.Day("until", kRequired, &out->until);
  map.Day("review_by", kRequired, &out->review_by);
  map.Day("project_end", &out->project_end);
  map.Integer("handover_days", kOptional, 1, 90, &out->handover_days);
  map.Finish();
}

Assessment ReadAssessment(Node* node, const Path& path, Reporter* reporter) {
  Assessment out;
  MapReader map(node, path, reporter);
  map.Line("ref", kRequired, &out.ref);
  map.Day("date", kRequired, &out.date);
  map.Day("review_by", &out.review_by);
  map.Finish();
  return out;
}

void ReadGovernance(MapReader* top, Governance* out) {
  Node* node = top->Take("governance", kRequired);
  if (node == nullptr) return;
  Reporter* reporter = top->reporter();
  MapReader map(node, Path("governance"), reporter);
  map.Line("owner", kRequired, &out->owner);
  map.Line("arrangement", kOptional, &out->arrangement);
  if (Node* dpia = map.Take("dpia", kRequired)) {
    out->dpia = ReadAssessment(dpia, map.PathOf("dpia"), reporter);
  }
  if (Node* ethics = map.Take("ethics", kOptional)) {
    out->ethics = ReadAssessment(ethics, map.PathOf("ethics"), reporter);
  }
  map.Word("suspend", kRequired, &out->suspend);
  map.Word("justification", kOptional, &out->justification);
  map.Integer("notice_days", kRequired, 0, 365, &out->notice_days);
  map.Integer("breach_notice_hours", kRequired, 1, 72,
              &out->breach_notice_hours);
  map.Word("publish", kRequired, &out->publish);
  map.Finish();
}

void ReadSignatories(MapReader* top, std::vector<Signatory>* out) {
  top->Items(
      "signatories", kRequired, {2, 200}, [&](Node* node, const Path& path) {
        Signatory signatory;
        MapReader map(node, path, top->reporter());
        map.Matching("party", kRequired, kSlug, &signatory.party);
        map.Line("role", kRequired, &signatory.role);
        map.Matching("name", kRequired, kCertificateName, &signatory.name);
        map.Finish();
        out->push_back(std::move(signatory));
      });
}

void ReadBreakGlass(MapReader* top, std::optional<BreakGlass>* out) {
  Node* node = top->Take("break_glass", kOptional);
  if (node == nullptr) return;
  BreakGlass& glass = out->emplace();
  MapReader map(node, Path("break_glass"), top->reporter());
  map.Integer("minutes", kRequired, 1, kMaxBreakGlassMinutes, &glass.minutes);
  map.Integer("report_hours", kRequired, 1, kMaxReportHours,
              &glass.report_hours);
  if (Node* fields = map.Take("fields", kRequired)) {
    MapReader datasets(fields, map.PathOf("fields"), top->reporter());
    if (fields->entries.empty()) {
      top->reporter()->Error(map.PathOf("fields"), "is empty",
                             "the fields of at least one data set");
    }
    for (const Entry& entry : fields->entries) {
      datasets.Names(entry.key, kRequired, kFieldName, {1, kMaxFields},
                     &glass.fields[entry.key]);
    }
  }
  map.Finish();
}

}  // namespace

Agreement ReadAgreement(Node* root, Reporter* reporter) {
  Agreement out;
  MapReader top(root, Path(), reporter);
  ReadHead(&top, &out);
  ReadParties(&top, &out);
  ReadLawfulBasis(&top, &out.lawful_basis);
  ReadLists(&top, &out.lists);
  ReadDatasets(&top, &out.datasets);
  ReadFlows(&top, &out.flows);
  ReadBreakGlass(&top, &out.break_glass);
  ReadOnward(&top, &out.onward);
  ReadHandling(&top, &out.handling);
  ReadValidity(&top, &out.valid);
  ReadGovernance(&top, &out.governance);
  ReadSignatories(&top, &out.signatories);
  top.Finish();
  return out;
}

}  // namespace entente::policy
