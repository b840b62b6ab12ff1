// Matrix products in blocks that stay in the caches (Goto & van de Geijn 2008), with an inner loop over the vector registers.
// It stands inside a namespace of the generated code, so <cstdint>, <cstring> and <vector> are included before.
#ifndef B2C_MATRIX_PRODUCTS
#define B2C_MATRIX_PRODUCTS
namespace b2c_matrices
{
typedef B2C_NUMBER number;
#ifdef __AVX512F__
const int BYTES = 64;
#else
const int BYTES = 32;
#endif
typedef number lane __attribute__((vector_size(BYTES), aligned(sizeof(number))));
const int WIDTH = BYTES / sizeof(number), ROWS = 6, COLUMNS = 2 * WIDTH; // of the tile that stays in registers
const int64_t DEEP = 256, HIGH = 12 * ROWS, WIDE = 64 * COLUMNS;         // of the blocks that stay in the caches

struct View // element (r, c) is data[r * down + c * right]
{
    const number* data;
    int64_t down, right;
};

// Panels of `size` rows (of what may be a transposed matrix), element after element of a row's index; missing rows are zeros.
template <int size> void pack(View a, int64_t rows, int64_t columns, number* to)
{
    for (int64_t first = 0; first < rows; first += size)
    {
        const int64_t here = rows - first < size ? rows - first : size;
        const number* from = a.data + first * a.down;
        if (here == size && a.down == 1)
            for (int64_t c = 0; c < columns; c++, to += size) std::memcpy(to, from + c * a.right, size * sizeof(number));
        else if (here == size)
            for (int64_t c = 0; c < columns; c++, to += size)
                for (int r = 0; r < size; r++) to[r] = from[r * a.down + c * a.right];
        else
            for (int64_t c = 0; c < columns; c++, to += size)
                for (int r = 0; r < size; r++) to[r] = r < here ? from[r * a.down + c * a.right] : 0;
    }
}

inline void tile(int64_t depth, const number* a, const number* b, number* c, int64_t down, int64_t rows, int64_t columns)
{
    lane sum[ROWS][2] = {};
    for (int64_t k = 0; k < depth; k++, a += ROWS, b += COLUMNS)
    {
        const lane left = *(const lane*)b, right = *(const lane*)(b + WIDTH);
        for (int r = 0; r < ROWS; r++)
        {
            sum[r][0] += a[r] * left;
            sum[r][1] += a[r] * right;
        }
    }
    if (rows == ROWS && columns == COLUMNS)
        for (int r = 0; r < ROWS; r++, c += down)
        {
            *(lane*)c += sum[r][0];
            *(lane*)(c + WIDTH) += sum[r][1];
        }
    else
    {
        number edge[ROWS * COLUMNS];
        for (int r = 0; r < ROWS; r++)
        {
            *(lane*)(edge + r * COLUMNS) = sum[r][0];
            *(lane*)(edge + r * COLUMNS + WIDTH) = sum[r][1];
        }
        for (int64_t r = 0; r < rows; r++, c += down)
            for (int64_t k = 0; k < columns; k++) c[k] += edge[r * COLUMNS + k];
    }
}

// c += a b, with a [rows, depth], b [depth, columns], and c [rows, columns] of stride `columns`.
inline void add_product(int64_t rows, int64_t columns, int64_t depth, View a, View b, number* c)
{
    static std::vector<number> left, right;
    left.resize(HIGH * DEEP);
    right.resize(WIDE * DEEP);
    for (int64_t j = 0; j < columns; j += WIDE)
        for (int64_t k = 0; k < depth; k += DEEP)
        {
            const int64_t wide = columns - j < WIDE ? columns - j : WIDE, deep = depth - k < DEEP ? depth - k : DEEP;
            const View b_here = {b.data + k * b.down + j * b.right, b.right, b.down};
            pack<COLUMNS>(b_here, wide, deep, right.data());
            for (int64_t i = 0; i < rows; i += HIGH)
            {
                const int64_t high = rows - i < HIGH ? rows - i : HIGH;
                const View a_here = {a.data + i * a.down + k * a.right, a.down, a.right};
                pack<ROWS>(a_here, high, deep, left.data());
                for (int64_t q = 0; q < wide; q += COLUMNS)
                    for (int64_t p = 0; p < high; p += ROWS)
                        tile(deep, left.data() + p * deep, right.data() + q * deep, c + (i + p) * columns + j + q, columns,
                             high - p < ROWS ? high - p : ROWS, wide - q < COLUMNS ? wide - q : COLUMNS);
            }
        }
}
} // namespace b2c_matrices
#endif
