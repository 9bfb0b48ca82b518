// Where the images of a checkpoint are read from, and where its pages are.
import type { ImageFiles } from '@criu/images';

export interface ImageSource extends ImageFiles {
  /**
   * Where pages are: `there`, in their images; `coming`, still being copied to them; `elsewhere`, with their pagemaps
   * on a page server.
   */
  readonly pages: 'there' | 'coming' | 'elsewhere';
}
