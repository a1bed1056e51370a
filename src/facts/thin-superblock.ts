/** The superblock of a thin pool's metadata: its first 4096 bytes (kernel: drivers/md/dm-thin-metadata.c, struct thin_disk_superblock). */

export type Superblock =
  /** Zero bytes only: the kernel would format it (dm-thin-metadata.c, __superblock_all_zeroes). */
  | { is: "blank" }
  | { is: "foreign" }
  | {
      is: "thin";
      needsCheck: boolean;
      /** Sectors of 512 bytes. */
      blockSectors: number;
      /** Of the data device, in blocks of that size. */
      dataBlocks: number;
      /** Of the metadata device, in blocks of 4096 bytes. */
      metadataBlocks: number;
    };

export const superblockBytes = 4096;
const magic = 27022010n;
/** `metadata_block_size`, in sectors, is always this (THIN_METADATA_BLOCK_SIZE). */
export const metadataBlockBytes = 4096;

/** Null where there are too few bytes to tell. */
export function parseSuperblock(base64: string): Superblock | null {
  const bytes = new Uint8Array(Buffer.from(base64, "base64"));
  if (bytes.length < superblockBytes) return null;
  if (bytes.every((byte) => byte === 0)) return { is: "blank" };
  const view = new DataView(bytes.buffer);
  if (view.getBigUint64(32, true) !== magic) return { is: "foreign" };
  return {
    is: "thin",
    // THIN_METADATA_NEEDS_CHECK_FLAG: bit 0 of `flags`.
    needsCheck: (view.getUint32(4, true) & 1) !== 0,
    // A disk_sm_root begins with the number of its blocks: data's at 64, metadata's behind it.
    dataBlocks: Number(view.getBigUint64(64, true)),
    metadataBlocks: Number(view.getBigUint64(192, true)),
    blockSectors: view.getUint32(336, true),
  };
}
