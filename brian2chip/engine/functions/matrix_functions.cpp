// Functions for Brian2 strings: the first element of a result computes all. B2C_ARRAYS, b2c_array and b2c_size are generated.
#ifndef B2C_MATRIX_FUNCTIONS
#define B2C_MATRIX_FUNCTIONS
static std::vector<b2c_matrices::number> b2c_results[B2C_ARRAYS * B2C_ARRAYS], b2c_seen;
enum { B2C_ROWS, B2C_COLUMNS, B2C_CHANNELS, B2C_HIGH, B2C_WIDE, B2C_FILTER, B2C_PADDING };

// Where the result of two arrays is kept, emptied when its first element is asked for.
static inline std::vector<b2c_matrices::number>& b2c_result(int64_t a, int64_t b, int64_t i, int64_t size)
{
    std::vector<b2c_matrices::number>& out = b2c_results[a * B2C_ARRAYS + b];
    if (i == 0) out.assign(size, 0);
    return out;
}

// What the filters see of one image, [channels*size*size, positions]; returns the number of positions.
static int64_t b2c_patches(int64_t x, int64_t sample)
{
    const int64_t* of = b2c_size[x];
    const int64_t rows = of[B2C_HIGH], columns = of[B2C_WIDE], size = of[B2C_FILTER], padding = of[B2C_PADDING];
    const int64_t high = rows + 2 * padding - size + 1, wide = columns + 2 * padding - size + 1;
    const b2c_matrices::number* image = b2c_array(x) + sample * of[B2C_COLUMNS];
    b2c_seen.resize(of[B2C_CHANNELS] * size * size * high * wide);
    b2c_matrices::number* to = b2c_seen.data();
    for (int64_t channel = 0; channel < of[B2C_CHANNELS]; channel++, image += rows * columns)
        for (int64_t down = 0; down < size; down++)
            for (int64_t right = 0; right < size; right++)
                for (int64_t r = down - padding; r < down - padding + high; r++, to += wide)
                    for (int64_t k = 0; k < wide; k++)
                    {
                        const int64_t c = k + right - padding;
                        to[k] = r < 0 || r >= rows || c < 0 || c >= columns ? 0 : image[r * columns + c];
                    }
    return high * wide;
}

// Where the 2 x 2 pixels begin to which pooled element i belongs, and which of the four is the first of the largest.
static inline const b2c_matrices::number* b2c_block(int64_t y, int64_t channel, int64_t row, int64_t column)
{
    return b2c_array(y) + (channel * b2c_size[y][B2C_HIGH] + 2 * row) * b2c_size[y][B2C_WIDE] + 2 * column;
}
static inline int b2c_first_largest(const b2c_matrices::number* at, int64_t wide)
{
    const b2c_matrices::number pixels[] = {at[0], at[1], at[wide], at[wide + 1]};
    int best = 0;
    for (int k = 1; k < 4; k++)
        if (pixels[k] > pixels[best]) best = k;
    return best;
}
#endif
//// dot
static inline b2c_matrices::number dot(int64_t w, int64_t x, int64_t i)
{
    using namespace b2c_matrices;
    const int64_t *of_w = b2c_size[w], *of_x = b2c_size[x];
    std::vector<number>& out = b2c_result(w, x, i, of_x[B2C_ROWS] * of_w[B2C_ROWS]);
    if (i == 0)
        add_product(of_x[B2C_ROWS], of_w[B2C_ROWS], of_w[B2C_COLUMNS], View{b2c_array(x), of_x[B2C_COLUMNS], 1},
                    View{b2c_array(w), 1, of_w[B2C_COLUMNS]}, out.data());
    return out[i];
}
//// dot_transposed
static inline b2c_matrices::number dot_transposed(int64_t w, int64_t x, int64_t i)
{
    using namespace b2c_matrices;
    const int64_t *of_w = b2c_size[w], *of_x = b2c_size[x];
    std::vector<number>& out = b2c_result(w, x, i, of_x[B2C_ROWS] * of_w[B2C_COLUMNS]);
    if (i == 0)
        add_product(of_x[B2C_ROWS], of_w[B2C_COLUMNS], of_w[B2C_ROWS], View{b2c_array(x), of_x[B2C_COLUMNS], 1},
                    View{b2c_array(w), of_w[B2C_COLUMNS], 1}, out.data());
    return out[i];
}
//// outer
static inline b2c_matrices::number outer(int64_t x, int64_t y, int64_t i)
{
    using namespace b2c_matrices;
    const int64_t *of_x = b2c_size[x], *of_y = b2c_size[y];
    std::vector<number>& out = b2c_result(x, y, i, of_x[B2C_COLUMNS] * of_y[B2C_COLUMNS]);
    if (i == 0)
        add_product(of_x[B2C_COLUMNS], of_y[B2C_COLUMNS], of_x[B2C_ROWS], View{b2c_array(x), 1, of_x[B2C_COLUMNS]},
                    View{b2c_array(y), of_y[B2C_COLUMNS], 1}, out.data());
    return out[i];
}
//// convolve
static inline b2c_matrices::number convolve(int64_t w, int64_t x, int64_t i)
{
    using namespace b2c_matrices;
    const int64_t *of_w = b2c_size[w], *of_x = b2c_size[x];
    const int64_t around = 2 * of_x[B2C_PADDING] - of_x[B2C_FILTER] + 1;
    const int64_t positions = (of_x[B2C_HIGH] + around) * (of_x[B2C_WIDE] + around), each = of_w[B2C_ROWS] * positions;
    std::vector<number>& out = b2c_result(w, x, i, of_x[B2C_ROWS] * each);
    if (i == 0)
        for (int64_t sample = 0; sample < of_x[B2C_ROWS]; sample++)
        {
            b2c_patches(x, sample);
            add_product(of_w[B2C_ROWS], positions, of_w[B2C_COLUMNS], View{b2c_array(w), of_w[B2C_COLUMNS], 1},
                        View{b2c_seen.data(), positions, 1}, out.data() + sample * each);
        }
    return out[i];
}
//// correlate
static inline b2c_matrices::number correlate(int64_t dz, int64_t x, int64_t i)
{
    using namespace b2c_matrices;
    const int64_t *of_z = b2c_size[dz], *of_x = b2c_size[x];
    const int64_t filters = of_z[B2C_CHANNELS], depth = of_x[B2C_CHANNELS] * of_x[B2C_FILTER] * of_x[B2C_FILTER];
    std::vector<number>& out = b2c_result(dz, x, i, filters * depth);
    if (i == 0)
        for (int64_t sample = 0; sample < of_x[B2C_ROWS]; sample++)
        {
            const int64_t positions = b2c_patches(x, sample);
            add_product(filters, depth, positions, View{b2c_array(dz) + sample * of_z[B2C_COLUMNS], positions, 1},
                        View{b2c_seen.data(), 1, positions}, out.data());
        }
    return out[i];
}
//// largest
static inline b2c_matrices::number largest(int64_t y, int64_t i)
{
    const int64_t high = b2c_size[y][B2C_HIGH] / 2, wide = b2c_size[y][B2C_WIDE] / 2;
    const b2c_matrices::number* at = b2c_block(y, i / (high * wide), i / wide % high, i % wide);
    const int which = b2c_first_largest(at, b2c_size[y][B2C_WIDE]);
    return at[which / 2 * b2c_size[y][B2C_WIDE] + which % 2];
}
//// to_largest
static inline b2c_matrices::number to_largest(int64_t x, int64_t y, int64_t i)
{
    const int64_t rows = b2c_size[y][B2C_HIGH], columns = b2c_size[y][B2C_WIDE], high = rows / 2, wide = columns / 2;
    const int64_t channel = i / (rows * columns), row = i / columns % rows, column = i % columns;
    if (row >= 2 * high || column >= 2 * wide) return 0;
    const int which = b2c_first_largest(b2c_block(y, channel, row / 2, column / 2), columns);
    return which == row % 2 * 2 + column % 2 ? b2c_array(x)[(channel * high + row / 2) * wide + column / 2] : 0;
}
//// average
static inline b2c_matrices::number average(int64_t y, int64_t i)
{
    const int64_t high = b2c_size[y][B2C_HIGH] / 2, wide = b2c_size[y][B2C_WIDE] / 2, down = b2c_size[y][B2C_WIDE];
    const b2c_matrices::number* at = b2c_block(y, i / (high * wide), i / wide % high, i % wide);
    return (at[0] + at[1] + at[down] + at[down + 1]) / 4;
}
//// to_average
static inline b2c_matrices::number to_average(int64_t x, int64_t y, int64_t i)
{
    const int64_t rows = b2c_size[y][B2C_HIGH], columns = b2c_size[y][B2C_WIDE], high = rows / 2, wide = columns / 2;
    const int64_t channel = i / (rows * columns), row = i / columns % rows, column = i % columns;
    if (row >= 2 * high || column >= 2 * wide) return 0;
    return b2c_array(x)[(channel * high + row / 2) * wide + column / 2] / 4;
}
//// total
static inline b2c_matrices::number total(int64_t x, int64_t i)
{
    const int64_t columns = b2c_size[x][B2C_COLUMNS];
    std::vector<b2c_matrices::number>& out = b2c_result(x, x, i, 1);
    if (i % columns == 0)
    {
        out[0] = 0;
        for (int64_t k = i; k < i + columns; k++) out[0] += b2c_array(x)[k];
    }
    return out[0];
}
//// batch_total
static inline b2c_matrices::number batch_total(int64_t x, int64_t i)
{
    const int64_t pixels = b2c_size[x][B2C_CHANNELS] ? b2c_size[x][B2C_HIGH] * b2c_size[x][B2C_WIDE] : 1;
    b2c_matrices::number sum = 0;
    for (int64_t sample = 0; sample < b2c_size[x][B2C_ROWS]; sample++)
        for (int64_t k = i * pixels; k < (i + 1) * pixels; k++) sum += b2c_array(x)[sample * b2c_size[x][B2C_COLUMNS] + k];
    return sum;
}
//// dot_transposed_events
static inline b2c_matrices::number dot_transposed_events(int64_t w, int64_t x, int64_t i)
{
    const int64_t inputs = b2c_size[w][B2C_ROWS], units = b2c_size[w][B2C_COLUMNS], samples = b2c_size[x][B2C_ROWS];
    std::vector<b2c_matrices::number>& out = b2c_result(w, x, i, samples * units);
    if (i == 0)
        for (int64_t sample = 0; sample < samples; sample++)
            for (int64_t k = 0; k < inputs; k++)
                if (const b2c_matrices::number event = b2c_array(x)[sample * inputs + k])
                {
                    const b2c_matrices::number* from = b2c_array(w) + k * units;
                    b2c_matrices::number* to = out.data() + sample * units;
                    for (int64_t c = 0; c < units; c++) to[c] += event * from[c];
                }
    return out[i];
}
//// outer_events
static inline b2c_matrices::number outer_events(int64_t x, int64_t y, int64_t i)
{
    const int64_t inputs = b2c_size[x][B2C_COLUMNS], units = b2c_size[y][B2C_COLUMNS], samples = b2c_size[x][B2C_ROWS];
    std::vector<b2c_matrices::number>& out = b2c_result(x, y, i, inputs * units);
    if (i == 0)
        for (int64_t sample = 0; sample < samples; sample++)
            for (int64_t k = 0; k < inputs; k++)
                if (const b2c_matrices::number event = b2c_array(x)[sample * inputs + k])
                {
                    const b2c_matrices::number* from = b2c_array(y) + sample * units;
                    b2c_matrices::number* to = out.data() + k * units;
                    for (int64_t c = 0; c < units; c++) to[c] += event * from[c];
                }
    return out[i];
}
