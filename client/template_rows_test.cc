// Every flow of the four templates, from a file's rows to what is sealed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/local_store.h"
#include "client/outgoing_rows.h"
#include "client/test_folder.h"
#include "crypto/scheme.h"
#include "policy/check.h"
#include "policy/compiled_agreement.h"
#include "policy/test_document.h"

namespace entente::client {
namespace {

using crypto::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const absl::Time kSent = absl::FromCivil(
    absl::CivilSecond(2026, 12, 1, 9, 0, 0), absl::UTCTimeZone());

// One record's values by field, and the shift that its days had.
using Values = std::map<std::string, Value>;

class TemplateRowsTest : public testing::Test {
 protected:
  // Releases `csv` as the named flow does, with every identifier in `people`
  // enrolled.
  OutgoingRows Release(const std::string& name, const std::string& flow_id,
                       const std::string& csv, const ColumnMap& map,
                       const std::map<std::string, std::string>& people) {
    const policy::CheckResult checked =
        policy::Check(name, policy::ReadTemplate(name + ".yaml"));
    EXPECT_TRUE(checked.ok()) << checked.report;
    policy::Decision decision;
    decision.effect = policy::Effect::kAllow;
    decision.now = kSent;
    decision.agreement =
        *policy::CompiledAgreement::Create(*checked.agreement, {});
    const policy::Agreement& document = decision.agreement->document();
    for (const policy::Flow& flow : document.flows) {
      if (flow.id == flow_id) decision.flow = &flow;
    }
    for (const auto& [field, treatment] : decision.flow->release) {
      if (treatment.transform != policy::Transform::kWithhold) {
        decision.fields.push_back({field, &treatment, false});
      }
    }
    std::array<uint8_t, 32> key;
    key.fill(9);
    plan_ = *policy::RowPlan::Create(
        decision,
        std::make_shared<const policy::DayShift>(*policy::DayShift::Create(
            *crypto::Secret::TakeFrom(absl::MakeSpan(key)))));
    for (const auto& [canonical, scheme] : people) {
      EXPECT_TRUE(store_->pseudonyms()
                      .Add({document.id, scheme, 1},
                           {{canonical, *crypto::Point::Random(), "ref"}})
                      .ok());
    }
    std::stringstream in(csv);
    const auto source = RowSource::Open("-", &in);
    EXPECT_TRUE(source.ok()) << source.status();
    const auto file = (*source)->Next();
    EXPECT_TRUE(file.ok()) << file.status();
    auto rows =
        ReleaseRows(*plan_, document.id, 1, map, *file, &store_->pseudonyms());
    EXPECT_TRUE(rows.ok()) << rows.status();
    if (!rows.ok()) return {};
    for (const OutgoingRecord& record : rows->records) {
      for (size_t i = 0; i < record.values.size(); ++i) {
        EXPECT_TRUE(
            policy::CheckReceived(plan_->fields()[i], record.values[i]).ok())
            << plan_->fields()[i].name;
      }
    }
    return *std::move(rows);
  }

  Values ByName(const OutgoingRecord& record) const {
    Values values;
    for (size_t i = 0; i < record.values.size(); ++i) {
      values[plan_->fields()[i].name] = record.values[i];
    }
    return values;
  }

  TestFolder folder_;
  const std::unique_ptr<LocalStore> store_ =
      *LocalStore::Open(folder_ / "store.db", *crypto::Secret::Random(32));
  std::optional<policy::RowPlan> plan_;
};

const std::map<std::string, std::string> kStudyPeople = {
    {"E-1", "opaque/1:event_id"},   {"E-2", "opaque/1:event_id"},
    {"E-3", "opaque/1:event_id"},   {"E-4", "opaque/1:event_id"},
    {"N-1", "opaque/1:nominal_id"}, {"N-2", "opaque/1:nominal_id"},
    {"N-3", "opaque/1:nominal_id"}};

std::string StudyRow(const std::string& event, const std::string& victim,
                     const std::string& date) {
  return absl::StrCat(event, ",", victim, ",N-3,", date,
                      ",5D/1,2008-12-01,2008-12-02,female,male,B2,former "
                      "spouse,\"4 Mill Lane, Ramsey IM8 1AA\",high,summons,"
                      "true,false,false\n");
}

constexpr char kStudyColumns[] =
    "event_id,victim_id,suspect_id,event_date,offence_code,"
    "victim_date_of_birth,suspect_date_of_birth,victim_sex,suspect_sex,"
    "victim_ethnicity,relationship,address,risk_grade,outcome,"
    "children_present,officer_involved,restricted_record\n";

TEST_F(TemplateRowsTest, TheStudyGetsBandsGroupsAndShiftedDays) {
  const OutgoingRows rows =
      Release("academic-repeat-victimisation", "extract-to-university",
              absl::StrCat(kStudyColumns, StudyRow("E-1", "N-1", "2020-02-28"),
                           StudyRow("E-2", "N-1", "2020-03-01"),
                           StudyRow("E-3", "N-2", "2020-03-01"),
                           StudyRow("E-4", "", "2020-03-01")),
              {}, kStudyPeople);
  // Whose days the last ones are is not known.
  ASSERT_THAT(rows.refused, SizeIs(1));
  EXPECT_EQ(rows.refused[0].number, 4u);
  EXPECT_EQ(rows.refused[0].column, "event_date");
  EXPECT_EQ(rows.refused[0].reason,
            "is shifted by victim_id, which the row lacks");
  ASSERT_THAT(rows.records, SizeIs(3));
  const Values first = ByName(rows.records[0]);
  // One is 18 on the day of the release, the other a day later.
  EXPECT_EQ(first.at("victim_date_of_birth"), Value::Code("18 to 24"));
  EXPECT_EQ(first.at("suspect_date_of_birth"), Value::Code("16 to 17"));
  EXPECT_EQ(first.at("offence_code"), Value::Code("violence"));
  EXPECT_EQ(first.at("victim_ethnicity"), Value::Code("Black"));
  EXPECT_EQ(first.at("relationship"), Value::Code("former partner"));
  EXPECT_EQ(first.at("outcome"), Value::Code("charged"));
  EXPECT_EQ(first.at("address"), Value::Text("IM8"));
  EXPECT_EQ(first.at("children_present"), Value::Boolean(true));
  const auto day = [&](size_t record) {
    absl::CivilDay shifted;
    EXPECT_TRUE(absl::ParseCivilTime(
        ByName(rows.records[record]).at("event_date").text, &shifted));
    return shifted;
  };
  const int64_t shift = day(0) - absl::CivilDay(2020, 2, 28);
  EXPECT_NE(shift, 0);
  EXPECT_LE(std::abs(shift), 14);
  EXPECT_EQ(day(1) - day(0), 2);  // over a leap day
  EXPECT_NE(day(2) - absl::CivilDay(2020, 3, 1), 0);
}

TEST_F(TemplateRowsTest, AMalformedSubjectIsNamed) {
  const OutgoingRows rows = Release(
      "academic-repeat-victimisation", "extract-to-university",
      absl::StrCat(kStudyColumns, StudyRow("E-1", "N\x01", "2020-02-28")), {},
      kStudyPeople);
  EXPECT_THAT(rows.records, IsEmpty());
  ASSERT_THAT(rows.refused, SizeIs(2));
  EXPECT_EQ(rows.refused[0].column, "victim_id");
  EXPECT_EQ(rows.refused[1].column, "event_date");
}

TEST_F(TemplateRowsTest, ResultsComeBackWithoutSmallNumbers) {
  const OutgoingRows rows =
      Release("academic-repeat-victimisation", "findings-to-force",
              "cell,cell_count,model_summary,paper\n"
              "male 18 to 24,9,,\nfemale 18 to 24,10,,\nmale 65,0,,\n",
              {}, {});
  ASSERT_THAT(rows.records, SizeIs(3));
  EXPECT_EQ(ByName(rows.records[0]).at("cell_count"),
            Value::Text("fewer than 10"));
  EXPECT_EQ(ByName(rows.records[1]).at("cell_count"), Value::Text("10"));
  EXPECT_EQ(ByName(rows.records[2]).at("cell_count"), Value::Text("0"));
}

TEST_F(TemplateRowsTest, ThePartnershipSeesAdultsByTheirBand) {
  const OutgoingRows rows = Release(
      "business-crime-partnership", "exclusions-to-bcrp",
      "person_ref,name,image,order_type,conditions,excluded_area,order_end,"
      "method_codes,date_of_birth,age,approved_by_inspector\n"
      "P-1,Ada Lee,AAEC,exclusion notice,Keep out,Centre,2027-01-01,"
      "lifting;hiding,1991-12-02,34,true\n"
      "P-1,Ada Lee,AAEC,exclusion notice,Keep out,Centre,2027-01-01,"
      "lifting;hiding,1991-12-01,35,true\n"
      "P-1,Ada Lee,AAEC,exclusion notice,Keep out,Centre,2026-11-30,"
      "lifting,1991-12-01,35,true\n",
      {}, {{"P-1", "opaque/1:person_ref"}});
  ASSERT_THAT(rows.records, SizeIs(2));
  EXPECT_EQ(ByName(rows.records[0]).at("date_of_birth"),
            Value::Code("25 to 34"));
  EXPECT_EQ(ByName(rows.records[1]).at("date_of_birth"),
            Value::Code("35 to 49"));
  ASSERT_THAT(rows.refused, SizeIs(1));
  EXPECT_THAT(rows.refused[0].reason, HasSubstr("has passed"));
}

TEST_F(TemplateRowsTest, ThePartnershipSeesGroupsMonthsAndDistricts) {
  const OutgoingRows images =
      Release("business-crime-partnership", "wanted-to-bcrp",
              "image_ref,image,offence_code,offence_from,place,crime_ref,"
              "apparent_age\nI-1,AAEC,46/1,2026-11-20,GY10 1SF,C-1,30\n",
              {}, {});
  ASSERT_THAT(images.records, SizeIs(1));
  const Values image = ByName(images.records[0]);
  EXPECT_EQ(image.at("offence_code"), Value::Code("theft"));
  EXPECT_EQ(image.at("offence_from"), Value::Text("2026-11"));
  EXPECT_EQ(image.at("place"), Value::Text("GY10"));
  const OutgoingRows counts =
      Release("business-crime-partnership", "counts-to-bcrp",
              "offence_group,place,week,hour_band,crimes\n"
              "theft,JE2 3QA,2026-11-23,18-21,4\n",
              {}, {});
  ASSERT_THAT(counts.records, SizeIs(1));
  EXPECT_EQ(ByName(counts.records[0]).at("crimes"),
            Value::Text("fewer than 5"));
}

TEST_F(TemplateRowsTest, IncidentsGoToThePoliceAsTheyAre) {
  const OutgoingRows rows = Release(
      "business-crime-partnership", "incidents-to-police",
      "incident_ref,member_site,occurred,offence_type,loss_value,goods,"
      "suspect_description,suspect_name,vehicle_registration,cctv_clip_ref,"
      "violence_used,staff_witness_name\n"
      "R-1,Shop,2026-11-30T23:30:00Z,theft,12.50,razors,tall,,,C-9,false,Di\n",
      {}, {});
  ASSERT_THAT(rows.records, SizeIs(1));
  EXPECT_EQ(ByName(rows.records[0]).at("loss_value"), Value::Decimal("12.50"));
}

TEST_F(TemplateRowsTest, ForcesAnalyseHoursAndSquares) {
  const OutgoingRows rows =
      Release("inter-force-burglary", "crimes-for-analysis",
              "crime_ref,offence_code,offence_from,easting,northing,"
              "method_codes\n"
              "C-1,28/3,2026-11-30T23:59:59Z,429157,433999,INSECURE;OTHER\n",
              {}, {{"C-1", "opaque/1:crime_ref"}});
  ASSERT_THAT(rows.records, SizeIs(1));
  const Values crime = ByName(rows.records[0]);
  EXPECT_EQ(crime.at("offence_from"), Value::Time("2026-11-30T23:00:00Z"));
  EXPECT_EQ(crime.at("easting"), Value::Integer(429100));
  EXPECT_EQ(crime.at("northing"), Value::Integer(433900));
  EXPECT_EQ(crime.at("method_codes"), Value::Text("INSECURE;OTHER"));
}

TEST_F(TemplateRowsTest, ForcesInvestigateInClear) {
  const OutgoingRows crimes = Release(
      "inter-force-burglary", "crimes-for-investigation",
      "crime_ref,offence_code,offence_from,offence_to,address,method_codes,"
      "property_stolen,vehicle_registration,officer_in_case,forensic_hit\n"
      "C-1,28/3,2026-11-30T23:00:00Z,,1 Mill Lane,OTHER,ring,,PC 1,DNA\n",
      {}, {});
  ASSERT_THAT(crimes.records, SizeIs(1));
  EXPECT_EQ(ByName(crimes.records[0]).at("forensic_hit"), Value::Boolean(true));
  const OutgoingRows people = Release(
      "inter-force-burglary", "persons-for-investigation",
      "person_ref,Pnc,name,date_of_birth,age,person_category,warning_markers,"
      "last_known_address,ethnicity\n"
      "P-1,,Ada Lee,1990-01-01,36,suspect,,1 Mill Lane,NS\n"
      "P-2,,Bea Lee,1990-01-01,36,witness,,1 Mill Lane,NS\n",
      {{"pnc_id", "Pnc"}}, {});
  ASSERT_THAT(people.records, SizeIs(1));
  EXPECT_EQ(ByName(people.records[0]).at("ethnicity"),
            Value::Code("Not stated"));
  EXPECT_THAT(people.refused, SizeIs(1));
  const OutgoingRows reports = Release(
      "inter-force-burglary", "intelligence-for-investigation",
      "report_ref,source_evaluation,intelligence_assessment,handling_code,"
      "handling_conditions,sanitised,sanitised_text\nI-1,1,A,P,,true,seen\n",
      {}, {});
  EXPECT_THAT(reports.records, SizeIs(1));
}

const ColumnMap kChild = {{"child", "Surname,Forename,Born"}};
const std::map<std::string, std::string> kChildren = {
    {"LEE|ADA|2015-05-05", "name_dob/1"}};

TEST_F(TemplateRowsTest, TheHubGetsReviewedTextAndCounts) {
  const std::string columns =
      "Surname,Forename,Born,report_ref,report_time,child_name,"
      "child_date_of_birth,child_address,school_name,concern_codes,risk_grade,"
      "incident_summary,incident_summary_reviewed_by,adults_present,"
      "domestic_abuse_history\n";
  const auto row = [](const std::string& text, const std::string& mark,
                      const std::string& history) {
    return absl::StrCat(
        "Lee,Ada,2015-05-05,R-1,2026-11-30T20:00:00Z,Ada Lee,2015-05-05,1 Mill "
        "Lane,Park School,DA;NEGLECT,high,",
        text, ",", mark, ",two,", history, "\n");
  };
  const OutgoingRows rows =
      Release("safeguarding-hub", "police-report-to-council",
              absl::StrCat(columns,
                           row("He left.", "MASH detective sergeant",
                               "2026-11-30;2023-12-02;2023-12-01;2027-01-01"),
                           row("", "", ""), row("He left.", "", "2026-11-30"),
                           row("He left.", "PC Smith", "2026-11-30")),
              kChild, kChildren);
  ASSERT_THAT(rows.records, SizeIs(2));
  EXPECT_EQ(ByName(rows.records[0]).at("incident_summary"),
            Value::Text("He left."));
  // 1,095 days before 1 December 2026 is 2 December 2023: a leap year between.
  EXPECT_EQ(ByName(rows.records[0]).at("domestic_abuse_history"),
            Value::Integer(2));
  EXPECT_EQ(ByName(rows.records[1]).at("domestic_abuse_history"),
            Value::Integer(0));
  EXPECT_EQ(ByName(rows.records[1]).at("incident_summary"), Value::Null());
  ASSERT_THAT(rows.refused, SizeIs(2));
  for (const BadRow& refused : rows.refused) {
    EXPECT_EQ(refused.column, "incident_summary");
    EXPECT_THAT(refused.reason,
                HasSubstr("incident_summary_reviewed_by must say \"MASH "
                          "detective sergeant\""));
  }
}

// What the other flows of the hub make of one row, in the order of the fields.
TEST_F(TemplateRowsTest, EveryOtherFlowOfTheHubReleasesItsRow) {
  struct Case {
    std::string flow, columns, row;
    std::vector<Value> want;
  };
  const Case kCases[] = {
      {"police-report-to-health-triage",
       "report_ref,child_name,child_date_of_birth,child_address,"
       "concern_codes,risk_grade",
       "R-1,Ada Lee,2015-05-05,1 Mill Lane,DA,low",
       {}},
      {"police-report-to-health-triage",
       "report_ref,child_name,child_date_of_birth,child_address,"
       "concern_codes,risk_grade",
       "R-1,Ada Lee,2015-05-05,1 Mill Lane,DA,high",
       {Value::Text("1 Mill Lane"), Value::Date("2015-05-05"),
        Value::Text("Ada Lee"), Value::Text("DA"), Value::Text("R-1"),
        Value::Code("high")}},
      {"health-to-hub-triage",
       "known_to_service,lead_professional,last_contact,current_concern",
       "true,Nurse,2026-11-30,",
       {Value::Boolean(false), Value::Boolean(true), Value::Text("2026-11"),
        Value::Text("Nurse")}},
      {"health-to-hub-section-47",
       "known_to_service,lead_professional,last_contact,relevant_history,"
       "relevant_history_reviewed_by,attendances,missed_appointments,"
       "parent_mental_health,parent_mental_health_reviewed_by",
       "true,Nurse,2026-11-30,Seen,Named nurse for safeguarding,"
       "2024-12-01;2024-11-30,2025-12-01;2025-11-30,Well,"
       "Named doctor for safeguarding",
       {Value::Integer(1), Value::Boolean(true), Value::Date("2026-11-30"),
        Value::Text("Nurse"), Value::Integer(1), Value::Text("Well"),
        Value::Text("Seen")}},
      {"council-to-partners-section-47",
       "child_ref,current_plan,allocated_worker,past_involvement,looked_after",
       "C-1,Plan,Worker,2021-12-02;2021-12-01,false",
       {Value::Text("Worker"), Value::Text("C-1"), Value::Text("Plan"),
        Value::Boolean(false), Value::Integer(1)}},
      {"education-to-health-section-17",
       "school_name,attendance,exclusions,designated_lead",
       "Park School,89,2026-11-30,Head",
       {Value::Code("75 to 89"), Value::Text("Head"), Value::Integer(1),
        Value::Text("Park School")}},
      {"exploitation-police-to-council",
       "report_ref,report_time,child_name,child_date_of_birth,concern_codes,"
       "child_postcode",
       "R-1,2026-11-30T23:00:00Z,Ada Lee,2015-05-05,CSE,JE4 9WG",
       {Value::Date("2015-05-05"), Value::Text("Ada Lee"), Value::Text("JE4"),
        Value::Text("CSE"), Value::Text("R-1"), Value::Text("2026-11")}},
  };
  for (const Case& c : kCases) {
    const OutgoingRows rows =
        Release("safeguarding-hub", c.flow,
                absl::StrCat("Surname,Forename,Born,", c.columns,
                             "\nLee,Ada,2015-05-05,", c.row, "\n"),
                kChild, kChildren);
    if (c.want.empty()) {
      EXPECT_THAT(rows.records, IsEmpty());
      continue;
    }
    ASSERT_THAT(rows.records, SizeIs(1)) << c.flow << rows.refused.size();
    EXPECT_EQ(rows.records[0].values, c.want) << c.flow;
  }
}

TEST_F(TemplateRowsTest, ProbationTellsGroupsAndReviewedConditions) {
  const OutgoingRows rows = Release(
      "safeguarding-hub", "probation-to-hub-section-47",
      "Surname,Forename,Born,name,date_of_birth,risk_of_serious_harm,"
      "relevant_conditions,relevant_conditions_reviewed_by,release_date,"
      "offence_summary\n"
      "Lee,Ada,2015-05-05,Bo Lee,1980-01-01,high,No contact,"
      "Senior probation officer,2026-10-01,92E/1\n",
      {{"person", "Surname,Forename,Born"}}, kChildren);
  ASSERT_THAT(rows.records, SizeIs(1));
  EXPECT_EQ(ByName(rows.records[0]).at("offence_summary"),
            Value::Code("drugs"));
  EXPECT_EQ(ByName(rows.records[0]).at("relevant_conditions"),
            Value::Text("No contact"));
}

}  // namespace
}  // namespace entente::client
