/** The words of 1.1.0 are from Debian 13's thin_check over metadata made with thin_restore and damaged; those of 0.9 from Debian 12's. */

import { expect, test } from "@jest/globals";
import { soundness } from "../../../src/facts/thin-check.ts";

const numbers = "TRANSACTION_ID=0\nMETADATA_FREE_BLOCKS=1014\n";

test.each<[string, number | null, string, string, boolean | null]>([
  ["0.9: sound", 0, "examining superblock\nTRANSACTION_ID=0\n", "", true],
  ["0.9: its superblock is corrupt", 1, "examining superblock\n  superblock is corrupt\n", "    bad checksum in superblock, wanted 1422323034\n", false],
  ["0.9: missing mappings", 1, "examining superblock\nexamining devices tree\n", "thin device 1 is missing mappings [0, 9]\n", false],
  ["1.1: sound", 0, numbers, "Checking thin metadata\ndevice details tree\nmapping tree\ndata space map\nmetadata space map\n", true],
  ["1.1: its superblock is corrupt, or zeros", 64, "", "bad checksum in superblock\n", false],
  ["1.1: the mapping tree", 64, numbers, "Checking thin metadata\nmapping top-level: node error: checksum error AgED, effecting keys [..]\n", false],
  ["1.1: a space map", 64, numbers, "data space map\nmetadata space map\nmetadata space map: bad checksum in index block\n", false],
  ["1.1: there is no such file", 64, "", "Couldn't find input file '/nonexist'\n", null],
  ["1.1: it is no file", 64, "", "Not a block device or regular file '/tmp'.\n", null],
  ["1.1: too small", 64, "", "Metadata device/file too small.  Is this binary metadata?\n", null],
  ["1.1: the disk under it cannot be read", 64, numbers, "mapping top-level: Input/output error (os error 5)\n", null],
  ["1.1: called wrongly", 2, "", "error: unexpected argument '--bogus' found\n", null],
  ["ended by a signal", null, numbers, "", null],
  ["ended by a shell's status of a signal", 139, numbers, "superblock\n", null],
])("%s", (_name, status, stdout, stderr, expected) => expect(soundness({ status, stdout, stderr })).toBe(expected));
