// What is on the sheet: every operator with each of its parameters, and every kind of picture.

export interface Cell {
  readonly source: string
  readonly directive: string
  /** The directive as a person reads it: what is sent as Base64 stands in braces. */
  readonly label: string
}

export interface Section {
  readonly title: string
  readonly cells: readonly Cell[]
}

const NINE = ['nw', 'north', 'ne', 'west', 'center', 'east', 'sw', 'south', 'se']
const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8]
const CHINESE = '天翼云对象存储'

/** Keys of what the server has stored; the directives of one are written without their `image/`. */
function of(source: string, ...directives: readonly string[]): readonly Cell[] {
  return directives.map((text) => ({
    source,
    label: `${source === PHOTO ? '' : `${source}: `}${text}`,
    directive: `image/${text.replaceAll(/\{([^}]*)\}/g, (_whole, inner: string) => base64(inner))}`,
  }))
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

const PHOTO = 'photo.png'

const RESIZE: Section = {
  title: 'resize',
  cells: [
    ...of(PHOTO, 'resize,w_120', 'resize,h_100', 'resize,p_50', 'resize,p_33', 'resize,w_480', 'resize,w_300,limit_0'),
    ...of(PHOTO, ...['lfit', 'mfit', 'fill', 'pad', 'fixed'].map((mode) => `resize,w_120,h_120,m_${mode}`)),
    ...of(PHOTO, 'resize,w_100,h_150,m_pad,color_FF8800', 'resize,w_100,h_150,m_fill', 'resize,h_90,m_fixed'),
    ...of('alpha.png', 'resize,w_120,h_120,m_pad,color_3366FF', 'resize,w_100', 'resize,w_150,h_150,m_fill'),
    ...of('moving.gif', 'resize,w_120', 'resize,w_120,h_120,m_pad,color_000000'),
  ],
}

const CROP: Section = {
  title: 'crop and indexcrop',
  cells: [
    ...of(PHOTO, ...NINE.map((place) => `crop,w_100,h_70,g_${place}`)),
    ...of(
      PHOTO,
      'crop,x_60,y_40',
      'crop,w_100',
      'crop,w_100,h_100,x_10,y_10,g_se',
      'crop,w_100,h_70,x_20,y_20,g_center',
    ),
    ...of(PHOTO, 'indexcrop,x_100,i_0', 'indexcrop,x_100,i_1', 'indexcrop,x_100,i_2', 'indexcrop,x_100,i_3'),
    ...of(PHOTO, 'indexcrop,y_60,i_0', 'indexcrop,y_60,i_1', 'indexcrop,y_60,i_2'),
  ],
}

const TURN: Section = {
  title: 'rotate, auto-orient',
  cells: [
    ...of(PHOTO, ...[0, 10, 45, 90, 135, 180, 270, 300, 360].map((degrees) => `rotate,${degrees}`)),
    ...of('alpha.png', 'rotate,30', 'rotate,90'),
    ...of('photo.jpg', 'rotate,30/format,png'),
    ...ORIENTATIONS.flatMap((orientation) => of(`orientation-${orientation}.jpg`, 'auto-orient,1')),
    ...ORIENTATIONS.flatMap((orientation) => of(`orientation-${orientation}.jpg`, 'auto-orient,0/strip')),
    ...of('orientation-6.jpg', 'auto-orient,1/resize,w_80', 'resize,w_80/auto-orient,1', 'rotate,90'),
  ],
}

const SHAPES: Section = {
  title: 'circle, rounded-corners',
  cells: [
    ...of(PHOTO, 'circle,r_20', 'circle,r_60', 'circle,r_4096', 'circle,r_60/format,jpg', 'circle,r_60/format,bmp'),
    ...of(
      PHOTO,
      'rounded-corners,r_10',
      'rounded-corners,r_40',
      'rounded-corners,r_4096',
      'rounded-corners,r_30/format,jpg',
    ),
    ...of('photo.jpg', 'circle,r_60', 'rounded-corners,r_30'),
    ...of('alpha.png', 'circle,r_60', 'rounded-corners,r_60', 'circle,r_60/rotate,45'),
    ...of(PHOTO, 'rounded-corners,r_40/rotate,20', 'circle,r_70/resize,w_60', 'circle,r_70/format,webp'),
  ],
}

const LOOK: Section = {
  title: 'bright, contrast, sharpen, blur, quality',
  cells: [
    ...of(PHOTO, ...[-100, -50, -20, 20, 50, 100].map((amount) => `bright,${amount}`)),
    ...of(PHOTO, ...[-100, -50, -20, 20, 50, 100].map((amount) => `contrast,${amount}`)),
    ...of(PHOTO, 'sharpen,50', 'sharpen,100', 'sharpen,399'),
    ...of(PHOTO, 'blur,r_1,s_1', 'blur,r_3,s_2', 'blur,r_50,s_3', 'blur,r_3,s_50', 'blur,r_50,s_50'),
    ...of('alpha.png', 'blur,r_20,s_8', 'bright,50', 'contrast,50', 'sharpen,300'),
    ...of('photo.jpg', 'quality,q_10', 'quality,Q_5', 'quality,Q_90', 'interlace,1', 'strip'),
    ...of(PHOTO, 'quality,q_5/format,jpg', 'quality,q_5/format,webp'),
  ],
}

const TEXT: Section = {
  title: 'watermark: text',
  cells: [
    ...of(PHOTO, ...NINE.map((place) => `watermark,text_{cozos},size_30,g_${place}`)),
    ...of(PHOTO, ...NINE.map((place) => `watermark,text_{水印},size_30,x_40,y_25,g_${place}`)),
    ...of(PHOTO, ...[100, 60, 20, 0].map((opacity) => `watermark,text_{opacity},t_${opacity},g_center`)),
    ...of(
      PHOTO,
      ...[0, 45, 90, 135, 180, 300, 360].map((turn) => `watermark,text_{旋转 turn},rotate_${turn},g_center`),
    ),
    ...of(PHOTO, ...[8, 12, 20, 60, 150].map((size) => `watermark,text_{大小 Ag},size_${size},g_center`)),
    ...of(
      PHOTO,
      'watermark,text_{red},color_FF0000,g_center',
      'watermark,text_{green},color_00ff00,g_center',
      'watermark,text_{black},color_000000,t_50,g_center',
      'watermark,text_{longer than the picture is wide},g_center',
      'watermark,text_{longer than the picture is wide},g_se',
      'watermark,text_{longer than the picture is wide},x_0,y_0',
      'watermark,text_{😀 ﷽ ก็ é ffi 〇 々 ①㈱},size_20,g_center',
      'watermark,text_{one},g_nw/watermark,text_{two},g_se',
    ),
    ...of(
      'alpha.png',
      'watermark,text_{on nothing},size_30,g_nw,color_FF0000',
      'watermark,text_{half},t_50,g_se,color_000000',
    ),
    ...of('moving.gif', 'watermark,text_{gif},g_center'),
  ],
}

const FACES: Section = {
  title: 'watermark: faces',
  cells: [
    ...of(
      PHOTO,
      ...['heiti', 'yahei', 'kaishu', 'youyuan', 'Arial', 'Helvetica', 'Times', 'Courier'].flatMap((face) => [
        `watermark,text_{${CHINESE}},type_${face},size_30,g_north/watermark,text_{Sphinx 0189 Äß},type_${face},size_28,g_south`,
        `watermark,text_{，。“Ag”、（永）！},type_${face},size_24,g_center`,
      ]),
    ),
  ],
}

const PICTURE: Section = {
  title: 'watermark: picture',
  cells: [
    ...of(PHOTO, ...NINE.map((place) => `watermark,image_{logo.png},g_${place}`)),
    ...of(
      PHOTO,
      ...[100, 50, 15].map(
        (opacity) => `watermark,image_{photo.jpg?x-zos-process=image/resize,p_40},t_${opacity},g_center`,
      ),
    ),
    ...of(
      PHOTO,
      'watermark,image_{photo.jpg?x-zos-process=image/resize,p_30/rotate,180},g_north,t_40',
      'watermark,image_{photo.jpg?x-zos-process=image/resize,p_30/rotate,30},g_se',
      'watermark,image_{photo.jpg?x-zos-process=image/circle,r_40},g_nw',
      'watermark,image_{photo.jpg?x-zos-process=image/rounded-corners,r_30/resize,p_60},g_center',
      'watermark,image_{photo.jpg?x-zos-process=image/crop,w_60,h_60,g_se},g_ne,x_0,y_0',
      'watermark,image_{orientation-6.jpg?x-zos-process=image/auto-orient,1/resize,w_60},g_center',
      'watermark,image_{orientation-6.jpg?x-zos-process=image/resize,w_60},g_center',
      'watermark,image_{moving.gif?x-zos-process=image/resize,w_100},g_center',
      'resize,w_120/watermark,image_{photo.jpg},g_center',
      'watermark,image_{alpha.png},g_se,x_100,y_80',
    ),
    ...of(
      'alpha.png',
      'watermark,image_{logo.png},g_nw',
      'watermark,image_{photo.jpg?x-zos-process=image/resize,p_40},t_50,g_center',
    ),
  ],
}

const FORMATS = ['jpg', 'png', 'webp', 'bmp', 'tiff']

const FORMAT: Section = {
  title: 'format, and every kind of source',
  cells: [
    ...FORMATS.flatMap((format) => of('photo.jpg', `format,${format}`)),
    ...FORMATS.flatMap((format) => of('alpha.png', `format,${format}`)),
    ...['progressive.jpg', 'cmyk.jpg', 'grey.jpg', 'deep.png', 'palette.png', 'grey.png', 'grey-alpha.png'].flatMap(
      (key) => of(key, 'resize,w_200/format,png'),
    ),
    ...['interlaced.png', 'photo.webp', 'alpha.webp', 'photo.tiff', 'alpha.tiff', 'deep.tiff', 'still.gif'].flatMap(
      (key) => of(key, 'resize,w_200/format,png'),
    ),
    ...['moving.gif', 'moving.webp'].flatMap((key) => of(key, 'resize,w_200', 'rotate,20', 'format,png')),
    ...['moving.gif'].flatMap((key) => of(key, 'format,webp', 'resize,p_50')),
    ...[1, 4, 8, 16, 24, 32].flatMap((depth) => of(`bmp-${depth}.bmp`, 'resize,w_200/format,png')),
    ...of('bmp-24.bmp', 'resize,w_200'),
  ],
}

const ASK: Section = {
  title: 'info, average-hue',
  cells: [
    ...of('orientation-6.jpg', 'info'),
    ...of('moving.gif', 'info'),
    ...of(PHOTO, 'info', 'average-hue'),
    ...of('alpha.png', 'average-hue'),
    ...of('cmyk.jpg', 'average-hue'),
  ],
}

export const SECTIONS: readonly Section[] = [RESIZE, CROP, TURN, SHAPES, LOOK, TEXT, FACES, PICTURE, FORMAT, ASK]
