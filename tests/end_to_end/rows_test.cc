// Files with bad rows: they are named, and the good ones go.
#include <gmock/gmock.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/end_to_end/shared_world.h"

namespace entente::end_to_end {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kHeading[] =
    "reference,person,surname,date_of_birth,offence_code\n";

class Rows : public EndToEnd {
 protected:
  Ended SendRows(const std::string& file) {
    return Send(kPersons, kPurpose, file, {"--case", "C1"});
  }
  Ended Enrol(const std::string& file) {
    return Run(LeftSystem(),
               {"enrol", "--agreement", kAgreement, "--scheme", "nhs/1",
                "--column", "person", "--ref", "reference", file});
  }

  // Whether some rows went and the others are listed in a file of their own.
  void ExpectPartly(const Ended& ended, int sent, const std::string& file,
                    const std::vector<testing::Matcher<std::string>>& rows) {
    EXPECT_EQ(ended.exit_code, 8) << ended.err;
    ASSERT_TRUE(ended.error.is_object()) << ended.err;
    EXPECT_EQ(ended.error.at("code"), "ROWS_REFUSED");
    EXPECT_EQ(ended.error.at("why"), "the others went through");
    const std::string refused = file + ".refused.csv";
    EXPECT_THAT(ended.error.at("next").get<std::string>(), HasSubstr(refused));
    ASSERT_TRUE(ended.out.is_object());
    EXPECT_EQ(ended.out.at("sent"), sent);
    EXPECT_EQ(ended.out.at("refused_file"), refused);
    EXPECT_THAT(RefusedRows(refused), testing::ElementsAreArray(rows));
  }
};

TEST_F(Rows, WhatIsNoCsvIsNamedByRowLineAndColumn) {
  const std::string file = Write(
      "rows.csv",
      absl::StrCat(kHeading, "LR-1,9434765919,Quillfeather,1961-07-01,28A\n",
                   "LR-2,9434760003,Medlock,1962-07-02\n",
                   "LR-3,9434761379,Lathom,1963-07-03,28A,more\n",
                   "LR-4,9434764114,Okonjo,1964-13-04,28A\n",
                   "LR-5,9434766850,Brightwen,1965-07-05,99Z\n",
                   "LR-6,9434768225,Tarrant,1966-07-06,28A\n"));
  const Ended ended = SendRows(file);
  ExpectPartly(ended, 2, file,
               {testing::StartsWith("2,3,,"), testing::StartsWith("3,4,,"),
                testing::StartsWith("4,5,date_of_birth,"),
                testing::StartsWith("5,6,offence_code,")});
  EXPECT_EQ(ended.out.at("rows"), 6);
  EXPECT_EQ(ended.out.at("refused_rows"), 4);
  // No value stands in what is told about the rows.
  EXPECT_THAT(ReadAll(file + ".refused.csv"), Not(HasSubstr("1964-13-04")));
  EXPECT_THAT(ended.err, Not(HasSubstr("99Z")));
  // Mended, the rest goes, and the list is gone.
  const Ended rest = SendRows(
      Write("rows.csv",
            absl::StrCat(kHeading, "LR-4,9434764114,Okonjo,1964-12-04,28A\n")));
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_FALSE(std::filesystem::exists(file + ".refused.csv"));
}

TEST_F(Rows, AnIdentifierThatFailsItsCheckDigitIsRefused) {
  const std::string file = Write(
      "rows.csv",
      absl::StrCat(kHeading, "LR-1,9434765918,Quillfeather,1961-07-01,28A\n",
                   "LR-2,943 476 0003,Medlock,1962-07-02,28A\n",
                   "LR-3,12345,Lathom,1963-07-03,28A\n"));
  const std::vector<testing::Matcher<std::string>> refused = {
      testing::AllOf(testing::StartsWith("1,2,person,"), HasSubstr("check")),
      testing::StartsWith("3,4,person,")};
  ExpectPartly(SendRows(file), 1, file, refused);
  const Ended enrolled = Enrol(file);
  EXPECT_EQ(enrolled.exit_code, 8) << enrolled.err;
  ASSERT_TRUE(enrolled.out.is_object());
  EXPECT_EQ(enrolled.out.at("refused_rows"), 2);
  EXPECT_THAT(RefusedRows(file + ".refused.csv"),
              testing::ElementsAreArray(refused));
  for (const std::string& said :
       {enrolled.err, ReadAll(file + ".refused.csv")}) {
    EXPECT_THAT(said, Not(HasSubstr("9434765918")));
    EXPECT_THAT(said, Not(HasSubstr("12345")));
  }
}

TEST_F(Rows, AnIdentifierThatIsNotEnrolledIsRefusedWithTheWayOut) {
  const std::string file = Write(
      "rows.csv",
      absl::StrCat(kHeading, "LR-1,9434765919,Quillfeather,1961-07-01,28A\n",
                   "LR-9,9434769590,Newcome,1969-07-09,28A\n"));
  ExpectPartly(SendRows(file), 1, file,
               {testing::AllOf(testing::StartsWith("2,3,person,"),
                               HasSubstr("run entente enrol --scheme nhs/1"))});
  const Ended enrolled = Enrol(file);
  ASSERT_EQ(enrolled.exit_code, 0) << enrolled.err;
  EXPECT_EQ(enrolled.out.at("new"), 1);
  EXPECT_EQ(SendRows(file).exit_code, 0);
}

TEST_F(Rows, AFileWithoutAGoodRowSendsNothing) {
  const std::string file =
      Write("rows.csv",
            absl::StrCat(kHeading, "LR-1,12345,Quillfeather,1961-07-01,28A\n"));
  const Ended ended = SendRows(file);
  EXPECT_EQ(ended.exit_code, 1);
  ASSERT_TRUE(ended.error.is_object()) << ended.err;
  EXPECT_EQ(ended.error.at("code"), "ROWS_REFUSED");
  EXPECT_EQ(ended.error.at("why"), "no row was good, so nothing was done");
  EXPECT_EQ(ended.out.at("batches").size(), 0u);
}

TEST_F(Rows, AFileThatLacksAColumnIsRefusedWhole) {
  ExpectFailure(SendRows(Write("rows.csv", "reference,person\nLR-1,1\n")),
                {.exit_code = 2,
                 .code = "USAGE",
                 .what = "the file has no column date_of_birth",
                 .next = "its columns are reference, person"});
  ExpectFailure(SendRows(Write("twice.csv", "person,person\n1,2\n")),
                {.exit_code = 1,
                 .code = "INVALID_ARGUMENT",
                 .what = "twice.csv: line 1: column 2",
                 .next = "-"});
  ExpectFailure(SendRows(Folder() + "/missing.csv"), {.exit_code = 1,
                                                      .code = "NOT_FOUND",
                                                      .what = "cannot read",
                                                      .next = "-"});
}

TEST_F(Rows, JsonLinesAreToldByLineToo) {
  const std::string file = Write(
      "rows.jsonl",
      R"({"reference":"LR-1","person":"9434765919","date_of_birth":"1961-07-01","offence_code":"28A"})"
      "\n{\"reference\":\n"
      R"({"reference":"LR-2","person":"9434760003","date_of_birth":"1962-07-02","offence_code":"29"})"
      "\n");
  ExpectPartly(SendRows(file), 2, file, {testing::StartsWith("2,2,,")});
}

}  // namespace
}  // namespace entente::end_to_end
